// npm jira.js, as its documentation says to use it: what is written reads back equal.
import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import { ServiceDeskClient, Version2Client, Version3Client } from 'jira.js';

const config = {
  host: process.env.PRACTICE_URL,
  authentication: { basic: { email: process.env.PRACTICE_USER, apiToken: process.env.PRACTICE_SECRET } },
};
const jira = new Version3Client(config);
const desk = new ServiceDeskClient(config);
const title = 'Badge reader offline – Tür 3 🖨';
// A search finds what was written only later, as on a real site.
const indexMs = 2200;
const document = text => ({ type: 'doc', version: 1, content: [{ type: 'paragraph', content: [{ type: 'text', text }] }] });

const me = await jira.myself.getCurrentUser();
assert.equal(me.emailAddress, process.env.PRACTICE_USER);
assert.equal((await jira.serverInfo.getServerInfo()).deploymentType, 'Cloud');
const projects = await jira.projects.searchProjects({ expand: ['issueTypes'] });
assert.deepEqual(projects.values.map(project => project.key).sort(), ['CSD', 'LAB', 'OPS']);
assert.ok((await jira.issueFields.getFields()).some(field => field.id === 'summary'));
const meta = await jira.issues.getCreateIssueMetaIssueTypes({ projectIdOrKey: 'CSD' });
assert.ok(meta.issueTypes.some(kind => kind.name === 'Incident'));

// Create, and read back.
const made = await jira.issues.createIssue({
  fields: {
    project: { key: 'CSD' }, issuetype: { name: 'Incident' }, summary: title, description: document('Door 3'),
    priority: { name: 'High' }, labels: ['npm'],
  },
  properties: [{ key: 'npm.marker', value: { pair: 1 } }],
});
const issueIdOrKey = made.key;
let issue = await jira.issues.getIssue({ issueIdOrKey, properties: ['npm.marker'] });
assert.equal(issue.fields.summary, title);
assert.equal(issue.fields.priority.name, 'High');
assert.deepEqual(issue.fields.description, document('Door 3'));
assert.deepEqual(issue.properties, { 'npm.marker': { pair: 1 } });

// Update, assign, and walk the workflow.
await jira.issues.editIssue({ issueIdOrKey, fields: { summary: `${title}!` }, update: { labels: [{ add: 'second' }] } });
const [person] = await jira.userSearch.findUsers({ query: 'elin.sandberg@corvane.example' });
await jira.issues.assignIssue({ issueIdOrKey, accountId: person.accountId });
const { transitions } = await jira.issues.getTransitions({ issueIdOrKey, expand: 'transitions.fields' });
const step = transitions.find(each => each.to.name === 'In Progress');
await jira.issues.doTransition({ issueIdOrKey, transition: { id: step.id } });
issue = await jira.issues.getIssue({ issueIdOrKey, fields: ['summary', 'labels', 'assignee', 'status'] });
assert.equal(issue.fields.summary, `${title}!`);
assert.deepEqual(issue.fields.labels.toSorted(), ['npm', 'second']);
assert.equal(issue.fields.assignee.accountId, person.accountId);
assert.equal(issue.fields.status.name, 'In Progress');
assert.ok((await jira.issues.getChangeLogs({ issueIdOrKey })).total >= 3);

// Comments.
const comment = await jira.issueComments.addComment({ issueIdOrKey, comment: 'For everybody' });
await jira.issueComments.updateComment({ issueIdOrKey, id: comment.id, body: document('For everybody, better') });
const { comments } = await jira.issueComments.getComments({ issueIdOrKey, expand: 'properties' });
assert.deepEqual(comments.map(each => each.body), [document('For everybody, better')]);
await jira.issueComments.deleteComment({ issueIdOrKey, id: comment.id });
assert.equal((await jira.issueComments.getComments({ issueIdOrKey })).total, 0);

// Files and properties.
const [file] = await jira.issueAttachments.addAttachment({
  issueIdOrKey, attachment: { filename: 'Inês.txt', file: Buffer.from('a note'), mimeType: 'text/plain' },
});
assert.deepEqual([file.filename, file.size], ['Inês.txt', 6]);
const content = await jira.issueAttachments.getAttachmentContent({ id: file.id });
assert.equal(Buffer.from(content).toString(), 'a note');
await jira.issueAttachments.removeAttachment({ id: file.id });
await jira.issueProperties.setIssueProperty({ issueIdOrKey, propertyKey: 'npm.more', propertyValue: { a: [1, 'b'] } });
const property = await jira.issueProperties.getIssueProperty({ issueIdOrKey, propertyKey: 'npm.more' });
assert.deepEqual(property.value, { a: [1, 'b'] });

// Searches, by pages.
await pause(indexMs);
const found = await jira.issueSearch.searchForIssuesUsingJqlEnhancedSearchPost({ jql: 'labels = npm', fields: ['summary'] });
assert.deepEqual(found.issues.map(each => each.key), [issueIdOrKey]);
const keys = [];
let nextPageToken;
do {
  const page = await jira.issueSearch.searchForIssuesUsingJqlEnhancedSearch({
    jql: 'project = CSD ORDER BY key', fields: ['summary'], maxResults: 7, nextPageToken,
  });
  keys.push(...page.issues.map(each => each.key));
  nextPageToken = page.nextPageToken;
} while (nextPageToken);
assert.equal(new Set(keys).size, keys.length);
assert.equal((await jira.issueSearch.countIssues({ jql: 'project = CSD' })).count, keys.length);

// REST v2 sees the same ticket, its text as wiki markup.
const older = new Version2Client(config);
assert.equal((await older.issues.getIssue({ issueIdOrKey })).fields.description, 'Door 3');

// The service desk.
const { values: desks } = await desk.serviceDesk.getServiceDesks({ limit: 1 });
const serviceDeskId = desks[0].id;
const { values: kinds } = await desk.serviceDesk.getRequestTypes({ serviceDeskId: Number(serviceDeskId) });
const form = await desk.serviceDesk.getRequestTypeFields({ serviceDeskId: Number(serviceDeskId), requestTypeId: Number(kinds[0].id) });
assert.ok(form.requestTypeFields.some(field => field.fieldId === 'summary' && field.required));
const request = await desk.request.createCustomerRequest({
  serviceDeskId, requestTypeId: kinds[0].id, requestFieldValues: { summary: 'Asked through jira.js', description: 'Third floor' },
});
const asked = { issueIdOrKey: request.issueKey };
const values = Object.fromEntries(
  (await desk.request.getCustomerRequestByIdOrKey(asked)).requestFieldValues.map(each => [each.fieldId, each.value]),
);
assert.equal(values.summary, 'Asked through jira.js');
await desk.request.createRequestComment({ ...asked, body: 'Under way', public: true });
await desk.request.createRequestComment({ ...asked, body: 'For us alone', public: false });
const said = await desk.request.getRequestComments(asked);
assert.deepEqual(said.values.map(each => [each.body, each.public]), [['Under way', true], ['For us alone', false]]);
assert.equal((await desk.request.getSlaInformation(asked)).values[0].name, 'Time to resolution');
assert.equal((await jira.issues.getIssue(asked)).fields.summary, 'Asked through jira.js');

// Failures arrive as the client's own.
await assert.rejects(jira.issues.getIssue({ issueIdOrKey: 'CSD-99999' }), error => error.status === 404);
await assert.rejects(
  jira.issues.createIssue({ fields: { project: { key: 'CSD' }, issuetype: { name: 'Incident' }, summary: '' } }),
  error => error.status === 400,
);
