//! Finding the tickets that fit a query, a page at a time, through the indexes of the store.
//!
//! A page remembers where it ended by value (key, or time and id), so the next one starts there without counting; other
//! orders remember how many rows were shown, and tickets that move meanwhile are seen twice or not at all.

use std::cmp::Ordering;
use std::collections::BTreeSet;
use std::ops::Bound;
use std::sync::Arc;

use super::Jira;
use super::auth::Who;
use super::jql::{Expr, Jql, Op};
use super::jql_values::{Clause, Field, SortField, Value};
use super::model::Issue;
use super::site::{self, PROJECTS};
use crate::faults::Hints;

/// Where the page before ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    Key(usize, u32),
    Moment(i64, u64),
    Count(usize),
}

impl Mark {
    /// As text in a token.
    pub fn text(self) -> String {
        match self {
            Self::Key(project, number) => format!("k{project}.{number}"),
            Self::Moment(ms, id) => format!("m{ms}.{id}"),
            Self::Count(count) => format!("c{count}.0"),
        }
    }

    /// Reads [`Mark::text`].
    pub fn read(text: &str) -> Option<Self> {
        let (first, second) = text.get(1..)?.split_once('.')?;
        match text.as_bytes()[0] {
            b'k' => {
                let project = first.parse().ok().filter(|at| *at < PROJECTS.len())?;
                Some(Self::Key(project, second.parse().ok()?))
            }
            b'm' => Some(Self::Moment(first.parse().ok()?, second.parse().ok()?)),
            b'c' => Some(Self::Count(first.parse().ok()?)),
            _ => None,
        }
    }
}

/// What to find.
#[derive(Clone, Copy)]
pub struct Search<'a> {
    pub jql: &'a Jql,
    pub who: Who,
    pub now_ms: i64,
    /// Tickets whose present version counts instead of the index (sheet §3.1).
    pub reconcile: &'a [u64],
    pub after: Option<Mark>,
    pub limit: usize,
    /// Number of the search, for the unsteady index.
    pub number: u64,
}

/// A page of tickets, and where it ended if there is more.
pub type Page = (Vec<Arc<Issue>>, Option<Mark>);

/// Small enough to collect and sort instead of walking an index.
const COLLECT_MAX: usize = 2_000;

/// Bounds that the whole query demands.
#[derive(Debug, Default)]
struct Bounds {
    updated_from: Option<i64>,
    created_from: Option<i64>,
    projects: Option<Vec<usize>>,
    key_from: Option<(usize, u32)>,
    ids: Option<Vec<u64>>,
}

fn bounds(filter: &Expr) -> Bounds {
    let clauses: Vec<&Clause> = match filter {
        Expr::Clause(clause) => vec![clause],
        Expr::And(parts) => parts
            .iter()
            .filter_map(|part| match part {
                Expr::Clause(clause) => Some(clause),
                _ => None,
            })
            .collect(),
        _ => Vec::new(),
    };
    let mut found = Bounds::default();
    for clause in clauses {
        match (clause.field, clause.op, clause.values.as_slice()) {
            (Field::Updated, Op::Gt | Op::Ge, [Value::Moment(ms)]) => found.updated_from = Some(*ms),
            (Field::Created, Op::Gt | Op::Ge, [Value::Moment(ms)]) => found.created_from = Some(*ms),
            (Field::Issue, Op::Gt | Op::Ge, [Value::Key(project, number)]) => {
                found.key_from = Some((*project, *number));
            }
            (Field::Project, Op::Eq | Op::In, values) => {
                let at = |value: &Value| match value {
                    Value::Id(at) => usize::try_from(*at).ok(),
                    _ => None,
                };
                found.projects = Some(values.iter().filter_map(at).collect());
            }
            (Field::Issue, Op::Eq | Op::In, values) if values.iter().all(|v| matches!(v, Value::Id(_))) => {
                let id = |value: &Value| match value {
                    Value::Id(id) => Some(*id),
                    _ => None,
                };
                found.ids = Some(values.iter().filter_map(id).collect());
            }
            _ => {}
        }
    }
    found
}

/// Positions of the projects in the order of their keys.
fn projects_by_key() -> Vec<usize> {
    let mut order: Vec<usize> = (0..PROJECTS.len()).collect();
    order.sort_by_key(|at| PROJECTS[*at].key);
    order
}

impl Jira {
    /// Finds one page.
    pub(super) fn find_page(&self, search: &Search<'_>) -> Page {
        let bounds = search.jql.filter.as_ref().map(bounds).unwrap_or_default();
        let walk = search.reconcile.is_empty() && bounds.ids.is_none();
        let few = |index: &BTreeSet<(i64, u64)>, from: Option<i64>| {
            from.is_some_and(|from| index.range((from, 0)..).take(COLLECT_MAX + 1).count() <= COLLECT_MAX)
        };
        let few = few(&self.store.by_updated, bounds.updated_from)
            || few(&self.store.by_created, bounds.created_from);
        match search.jql.order.as_slice() {
            [(SortField::Key, down)] if walk && !few => self.walk_keys(search, &bounds, *down),
            [(SortField::Updated, down)] if walk => {
                self.walk_moments(search, &self.store.by_updated, bounds.updated_from, *down, |i| {
                    i.updated_ms
                })
            }
            [(SortField::Created, down)] if walk => {
                self.walk_moments(search, &self.store.by_created, bounds.created_from, *down, |i| {
                    i.created_ms
                })
            }
            [] if walk && !few => {
                self.walk_moments(search, &self.store.by_created, bounds.created_from, true, |i| i.created_ms)
            }
            _ => self.collect(search, &bounds),
        }
    }

    /// Finds one page, with rows repeated or left out where a fault wants it.
    pub(super) fn find_page_with(&self, mut search: Search<'_>, hints: Hints) -> Page {
        // The row that comes twice takes the place of another, so that the page keeps to its limit.
        let repeats = hints.duplicate_page && search.limit > 1;
        search.limit -= usize::from(repeats);
        let (mut page, next) = self.find_page(&search);
        if hints.shifted_page {
            // What moved to the page before; on the first page, what a change took from under the reader.
            let lost = if search.after.is_some() { 0 } else { page.len() / 2 };
            if lost < page.len() && (search.after.is_some() || page.len() > 1) {
                page.remove(lost);
            }
        }
        let repeated = match search.after {
            Some(_) => self.shown_before(&search),
            None => page.first().filter(|_| page.len() > 1).cloned(),
        };
        if let Some(row) = repeated.filter(|_| repeats) {
            page.insert(0, row);
        }
        (page, next)
    }

    /// The last row of the page before.
    fn shown_before(&self, search: &Search<'_>) -> Option<Arc<Issue>> {
        match search.after? {
            Mark::Key(project, number) => {
                let id = self.store.by_key[project].get(&number)?;
                self.fitting(search, *id).cloned()
            }
            Mark::Moment(_, id) => self.fitting(search, id).cloned(),
            Mark::Count(count) => {
                let after = Some(Mark::Count(count.checked_sub(1)?));
                self.find_page(&Search { after, limit: 1, ..*search }).0.into_iter().next()
            }
        }
    }

    /// How many tickets fit.
    pub(super) fn count_fitting(&self, search: &Search<'_>) -> usize {
        let bounds = search.jql.filter.as_ref().map(bounds).unwrap_or_default();
        self.candidates(&bounds).into_iter().filter(|id| self.fitting(search, *id).is_some()).count()
    }

    /// The version that the search sees of a ticket, if it fits.
    fn fitting(&self, search: &Search<'_>, id: u64) -> Option<&Arc<Issue>> {
        let issue = if search.reconcile.contains(&id) {
            self.store.get(id)
        } else {
            self.store.shown(id, search.now_ms, search.number)
        }?;
        let fits = search.jql.filter.as_ref().is_none_or(|filter| filter.fits(issue));
        (fits && self.sees(search.who, issue)).then_some(issue)
    }

    fn walk_keys(&self, search: &Search<'_>, bounds: &Bounds, down: bool) -> Page {
        let mut projects = projects_by_key();
        if let Some(wanted) = &bounds.projects {
            projects.retain(|at| wanted.contains(at));
        }
        if down {
            projects.reverse();
        }
        if let Some(Mark::Key(project, _)) = search.after {
            let start = projects.iter().position(|at| {
                let order = PROJECTS[*at].key.cmp(PROJECTS[project].key);
                if down { order.is_le() } else { order.is_ge() }
            });
            projects.drain(..start.unwrap_or(projects.len()));
        }
        let mut page = Vec::new();
        for project in projects {
            let mut low = match bounds.key_from {
                Some((at, number)) if at == project => Bound::Included(number),
                _ => Bound::Unbounded,
            };
            let mut high = Bound::Unbounded;
            if let Some(Mark::Key(at, number)) = search.after
                && at == project
            {
                *(if down { &mut high } else { &mut low }) = Bound::Excluded(number);
            }
            if let (Bound::Included(l) | Bound::Excluded(l), Bound::Excluded(h)) = (low, high)
                && l >= h
            {
                continue;
            }
            let mut range = self.store.by_key[project].range((low, high));
            while let Some((_, id)) = if down { range.next_back() } else { range.next() } {
                if let Some(issue) = self.fitting(search, *id) {
                    if page.len() == search.limit {
                        return ended(page, key_mark);
                    }
                    page.push(Arc::clone(issue));
                }
            }
        }
        (page, None)
    }

    fn walk_moments(
        &self,
        search: &Search<'_>,
        index: &BTreeSet<(i64, u64)>,
        from: Option<i64>,
        down: bool,
        moment: impl Fn(&Issue) -> i64,
    ) -> Page {
        let mut low = from.map_or(Bound::Unbounded, |from| Bound::Included((from, 0)));
        let mut high = Bound::Unbounded;
        if let Some(Mark::Moment(ms, id)) = search.after {
            *(if down { &mut high } else { &mut low }) = Bound::Excluded((ms, id));
        }
        if let (Bound::Included(l), Bound::Excluded(h)) = (low, high)
            && l >= h
        {
            return (Vec::new(), None);
        }
        let mut page: Vec<Arc<Issue>> = Vec::new();
        let mut range = index.range((low, high));
        while let Some((_, id)) = if down { range.next_back() } else { range.next() } {
            if let Some(issue) = self.fitting(search, *id) {
                if page.len() == search.limit {
                    return ended(page, |issue| Mark::Moment(moment(issue), issue.id));
                }
                page.push(Arc::clone(issue));
            }
        }
        (page, None)
    }

    fn candidates(&self, bounds: &Bounds) -> Vec<u64> {
        if let Some(ids) = &bounds.ids {
            let mut ids = ids.clone();
            ids.sort_unstable();
            ids.dedup();
            return ids;
        }
        if let Some(from) = bounds.updated_from {
            return self.store.by_updated.range((from, 0)..).map(|(_, id)| *id).collect();
        }
        if let Some(from) = bounds.created_from {
            return self.store.by_created.range((from, 0)..).map(|(_, id)| *id).collect();
        }
        let projects = bounds.projects.clone().unwrap_or_else(projects_by_key);
        projects.iter().flat_map(|at| self.store.by_key[*at].values().copied()).collect()
    }

    fn collect(&self, search: &Search<'_>, bounds: &Bounds) -> Page {
        let mut ids = self.candidates(bounds);
        for id in search.reconcile {
            if !ids.contains(id) {
                ids.push(*id);
            }
        }
        let mut found: Vec<&Arc<Issue>> = ids.iter().filter_map(|id| self.fitting(search, *id)).collect();
        found.sort_by(|a, b| self.compare(&search.jql.order, a, b));
        let by_key = matches!(search.jql.order.as_slice(), [(SortField::Key, _)]);
        let skip = match search.after {
            None => 0,
            Some(Mark::Count(count)) => count,
            Some(mark) => match (mark, search.jql.order.as_slice()) {
                (Mark::Key(project, number), [(SortField::Key, down)]) => {
                    let place = (PROJECTS[project].key, number);
                    found.partition_point(|issue| {
                        let order = (PROJECTS[issue.project].key, issue.number).cmp(&place);
                        if *down { order.is_ge() } else { order.is_le() }
                    })
                }
                _ => 0,
            },
        };
        let more = found.len() > skip + search.limit;
        let page: Vec<Arc<Issue>> = found.into_iter().skip(skip).take(search.limit).cloned().collect();
        if !more {
            return (page, None);
        }
        if by_key {
            return ended(page, key_mark);
        }
        (page, Some(Mark::Count(skip + search.limit)))
    }

    fn compare(&self, order: &[(SortField, bool)], a: &Issue, b: &Issue) -> Ordering {
        for (field, down) in order {
            let ordering = match field {
                SortField::Key => {
                    (PROJECTS[a.project].key, a.number).cmp(&(PROJECTS[b.project].key, b.number))
                }
                SortField::Id => a.id.cmp(&b.id),
                SortField::Created => a.created_ms.cmp(&b.created_ms),
                SortField::Updated => a.updated_ms.cmp(&b.updated_ms),
                SortField::Summary => a.summary.cmp(&b.summary),
                SortField::Status => a.status.cmp(&b.status),
                // The lower the number, the higher the priority.
                SortField::Priority => b.priority.unwrap_or(9).cmp(&a.priority.unwrap_or(9)),
                SortField::Kind => site::kind(a.kind).name.cmp(site::kind(b.kind).name),
                SortField::Due => a.duedate.cmp(&b.duedate),
                SortField::Resolved => a.resolved_ms.cmp(&b.resolved_ms),
                SortField::Assignee => {
                    let name =
                        |issue: &Issue| issue.assignee.map(|at| self.users[usize::from(at)].name.as_str());
                    name(a).cmp(&name(b))
                }
            };
            let ordering = if *down { ordering.reverse() } else { ordering };
            if ordering.is_ne() {
                return ordering;
            }
        }
        b.id.cmp(&a.id)
    }
}

fn key_mark(issue: &Issue) -> Mark {
    Mark::Key(issue.project, issue.number)
}

fn ended(page: Vec<Arc<Issue>>, mark: impl Fn(&Issue) -> Mark) -> Page {
    let last = page.last().map(|issue| mark(issue));
    (page, last)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jira::jql;
    use crate::platform::Seed;

    const NOW: i64 = 1_795_167_067_123;

    fn all_pages(jira: &Jira, text: &str, limit: usize) -> Vec<u64> {
        let jql = jql::parse(text, &jira.resolver(Who::User(0), NOW)).expect("valid");
        let mut found = Vec::new();
        let mut after = None;
        loop {
            let search =
                Search { jql: &jql, who: Who::User(0), now_ms: NOW, reconcile: &[], after, limit, number: 0 };
            let (page, next) = jira.find_page(&search);
            found.extend(page.iter().map(|issue| issue.id));
            let Some(next) = next else { return found };
            after = Some(Mark::read(&next.text()).expect("just written"));
        }
    }

    #[test]
    fn every_order_shows_every_ticket_once_whatever_the_page_size() {
        let jira = Jira::new(1, NOW, Seed::Bulk(3_000));
        for order in ["key", "key DESC", "created", "updated DESC", "priority, key", "summary DESC", "id"] {
            let text = format!("project in (CSD, OPS, LAB) ORDER BY {order}");
            let mut whole = all_pages(&jira, &text, 5_000);
            let paged = all_pages(&jira, &text, 700);
            assert_eq!(whole, paged, "{order}");
            whole.sort_unstable();
            whole.dedup();
            assert_eq!(whole.len(), jira.store.live().count(), "{order}");
        }
    }

    #[test]
    fn bounds_narrow_without_losing() {
        let jira = Jira::new(1, NOW, Seed::Bulk(3_000));
        let from = NOW - 20 * 86_400_000;
        let wanted = jira.store.live().filter(|issue| issue.updated_ms >= from && issue.project == 0).count();
        assert!(wanted > 100);
        for order in ["key", "updated", "status"] {
            let text = format!("project = CSD AND updated >= {from} ORDER BY {order}");
            assert_eq!(all_pages(&jira, &text, 100).len(), wanted, "{order}");
        }
    }
}
