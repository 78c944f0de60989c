//! The texts of the small seed: thirty incidents of an invented logistics company, with what was said on them.

/// A person of [`crate::people::PEOPLE`], by place.
pub type Person = usize;

/// A seeded incident.
pub struct Ticket {
    /// Title.
    pub title: &'static str,
    /// Description.
    pub text: &'static str,
    /// Category and subcategory.
    pub category: (&'static str, &'static str),
    /// Impact and urgency.
    pub levels: (u8, u8),
    /// State; 3 is on hold with the reason 1 (awaiting caller) or 4 (awaiting vendor).
    pub state: &'static str,
    /// Who reported it.
    pub caller: Person,
    /// Group (place in [`super::users::GROUPS`]) and who works on it, if anybody.
    pub assigned: (usize, Option<Person>),
    /// Entries: who, whether it is a work note, text.
    pub said: &'static [(Person, bool, &'static str)],
}

const NOTE: bool = true;
const COMMENT: bool = false;

/// The incidents, the oldest first.
#[rustfmt::skip]
pub const TICKETS: &[Ticket] = &[
    Ticket { title: "Label printer in hall 2 prints blank labels", text: "Since the morning shift every second label from the printer at gate 14 comes out empty. Rebooting helps for about ten minutes.", category: ("hardware", "disk"), levels: (2, 1), state: "7", caller: 11, assigned: (3, Some(4)), said: &[(4, NOTE, "Print head worn, replacement ordered."), (4, COMMENT, "A new print head is on its way and should be here by noon."), (11, COMMENT, "Thank you, the queue at the gate is getting long.")] },
    Ticket { title: "VPN drops every few minutes from home", text: "Connection is lost after 5 to 10 minutes, then reconnects by itself. Happens on Wi-Fi and by cable.", category: ("network", "vpn"), levels: (3, 2), state: "7", caller: 8, assigned: (1, Some(1)), said: &[(1, COMMENT, "Could you tell me your provider and the type of your router?"), (8, COMMENT, "Fibre from the local utility, the router is theirs."), (1, NOTE, "MTU too large for this line; lowered in the profile.")] },
    Ticket { title: "Cannot open the month-end report", text: "The report stops with 'Query exceeded the allowed time' since the weekend.", category: ("database", "sql server"), levels: (2, 2), state: "7", caller: 8, assigned: (2, Some(3)), said: &[(3, NOTE, "Statistics were out of date after the import."), (3, COMMENT, "The report runs in 40 seconds again. Please try.")] },
    Ticket { title: "New starter has no mailbox", text: "Our colleague began on Monday and still has no e-mail address.", category: ("software", "email"), levels: (3, 2), state: "7", caller: 10, assigned: (0, Some(2)), said: &[(2, COMMENT, "The mailbox is there, the first sign-in can take an hour.")] },
    Ticket { title: "Screen flickers when docked", text: "The left screen at desk 3.114 goes black for a second, several times an hour.", category: ("hardware", "monitor"), levels: (3, 3), state: "6", caller: 7, assigned: (3, Some(4)), said: &[(4, COMMENT, "I swapped the cable. Please watch it until tomorrow.")] },
    Ticket { title: "Shared folder 'Contracts' read-only", text: "We can open files but not save them. Everybody in purchasing is affected.", category: ("software", "os"), levels: (2, 2), state: "6", caller: 7, assigned: (4, Some(5)), said: &[(5, NOTE, "Group lost its write right in last night's clean-up."), (5, COMMENT, "Write access is back.")] },
    Ticket { title: "Phone queue announces wrong opening hours", text: "Callers hear that we close at 16:00, it should be 18:00.", category: ("inquiry", "internal application"), levels: (3, 3), state: "6", caller: 9, assigned: (0, Some(6)), said: &[(6, COMMENT, "The announcement is corrected.")] },
    Ticket { title: "Wireless gone in meeting room Lisbon", text: "No network in the room since the ceiling was painted.", category: ("network", "wireless"), levels: (3, 2), state: "6", caller: 10, assigned: (1, Some(1)), said: &[(1, NOTE, "Access point was unplugged by the painters."), (10, COMMENT, "Works again, thank you!")] },
    Ticket { title: "Order import stuck since 06:00", text: "No orders from the web shop since six this morning. The queue shows 412 waiting.", category: ("software", "internal application"), levels: (1, 1), state: "2", caller: 9, assigned: (4, Some(5)), said: &[(5, NOTE, "Worker crashed on an order with an empty postcode."), (5, COMMENT, "We found the cause and are working through the queue."), (9, COMMENT, "Customers are calling. Is there a time?"), (5, COMMENT, "All orders should be in by 11:30.")] },
    Ticket { title: "Scanner app signs people out during the shift", text: "Every handheld in hall 1 asks for the password again after a few scans.", category: ("software", "internal application"), levels: (1, 2), state: "2", caller: 11, assigned: (4, Some(5)), said: &[(5, NOTE, "Token lifetime on the new server is 5 minutes instead of 12 hours.")] },
    Ticket { title: "Laptop battery swells", text: "The case of my laptop does not close any more and the touch pad is lifted.", category: ("hardware", "cpu"), levels: (3, 1), state: "2", caller: 8, assigned: (3, Some(4)), said: &[(4, COMMENT, "Please switch it off and do not charge it. I bring you another one today.")] },
    Ticket { title: "Database backup took nine hours", text: "Last night's backup ended at 09:10 and slowed everything down in the morning.", category: ("database", "oracle"), levels: (2, 2), state: "2", caller: 3, assigned: (2, Some(3)), said: &[(3, NOTE, "Storage was rebuilding at the same time.\nNext full backup is moved to Sunday 01:00.")] },
    Ticket { title: "Wrong VAT rate on invoices to Norway", text: "Invoices since the first of the month carry 19 % instead of 25 %.", category: ("software", "internal application"), levels: (1, 2), state: "2", caller: 8, assigned: (4, Some(5)), said: &[(8, COMMENT, "Finance has to correct 37 invoices by hand until this is fixed."), (5, NOTE, "Rate table was overwritten by the test system's.")] },
    Ticket { title: "Slow network at the Gdynia depot", text: "Everything takes ages since about 10:00. Speed test shows 2 Mbit/s.", category: ("network", "dns"), levels: (2, 2), state: "2", caller: 10, assigned: (1, Some(1)), said: &[(1, NOTE, "Line provider sees packet loss, their ticket 88-1204.")] },
    Ticket { title: "Keyboard types the wrong letters", text: "z and y are swapped after the update.", category: ("hardware", "keyboard"), levels: (3, 3), state: "2", caller: 7, assigned: (0, Some(2)), said: &[] },
    Ticket { title: "Calendar invitations arrive an hour late", text: "Meetings organised from the Lisbon office show up one hour off in Warsaw.", category: ("software", "email"), levels: (3, 2), state: "3", caller: 8, assigned: (0, Some(6)), said: &[(6, COMMENT, "Could you send me one of the invitations as an attachment?")] },
    Ticket { title: "Badge reader at the south door refuses everybody", text: "Red light for all badges since the weekend. The door stays open during the day, which is not allowed.", category: ("hardware", "cpu"), levels: (2, 1), state: "3", caller: 11, assigned: (3, Some(4)), said: &[(4, NOTE, "Controller replaced under warranty, waiting for the vendor's technician.")] },
    Ticket { title: "Password reset link does not work", text: "The link in the mail says 'expired' at once.", category: ("inquiry", "email"), levels: (3, 2), state: "3", caller: 9, assigned: (0, Some(2)), said: &[(2, COMMENT, "Please ask for a new link and open it on the same device. Does it work then?")] },
    Ticket { title: "Router firmware bug freezes the depot line", text: "Every few days the router in Oslo has to be switched off and on.", category: ("network", "dhcp"), levels: (2, 3), state: "3", caller: 1, assigned: (1, Some(1)), said: &[(1, NOTE, "Vendor case open, fix promised with release 7.2.")] },
    Ticket { title: "Forklift tablet shows a black screen", text: "Tablet on forklift 9 starts, beeps and stays black.", category: ("hardware", "monitor"), levels: (3, 2), state: "1", caller: 11, assigned: (3, None), said: &[] },
    Ticket { title: "Cannot print from the finance system", text: "Printing from the browser works, from the finance system nothing happens.", category: ("software", "os"), levels: (3, 2), state: "1", caller: 8, assigned: (0, None), said: &[(8, COMMENT, "It worked last Thursday.")] },
    Ticket { title: "Customs form rejects the new tariff code", text: "Code 8517.62 is refused with 'unknown tariff'.", category: ("software", "internal application"), levels: (2, 1), state: "1", caller: 7, assigned: (4, None), said: &[] },
    Ticket { title: "Two people see each other's dashboard", text: "After signing in I see Katja's dashboard and she sees mine.", category: ("software", "internal application"), levels: (1, 1), state: "2", caller: 9, assigned: (4, Some(5)), said: &[(0, NOTE, "Security informed. Cache switched off until the cause is known."), (5, COMMENT, "The dashboards are switched off for an hour while we look into it.")] },
    Ticket { title: "Headset crackles in calls", text: "Only on the left side.", category: ("hardware", "cpu"), levels: (3, 3), state: "1", caller: 9, assigned: (3, None), said: &[] },
    Ticket { title: "Formula a^2 + b^2 shows as a2 + b2", text: "In the quality reports all ^ characters vanish.\nExample: x^2 becomes x2.", category: ("software", "internal application"), levels: (3, 3), state: "1", caller: 10, assigned: (4, None), said: &[(10, COMMENT, "Same with ^^ and with 10^-3.")] },
    Ticket { title: "Mail from Halden Instruments lands in spam", text: "All mails of our supplier since Tuesday. Examples:\n- order 4711\n- delivery note 4712", category: ("software", "email"), levels: (3, 2), state: "2", caller: 7, assigned: (0, Some(6)), said: &[(6, COMMENT, "[code]<b>Allow list:</b> halden.example<br/>active from now on[/code]"), (7, COMMENT, "Perfect \u{1f44d}")] },
    Ticket { title: "Área de trabalho remota: ecrã preto", text: "Sessão remota fica com o ecrã preto após iniciar. Acontece só às segundas-feiras…", category: ("software", "os"), levels: (3, 2), state: "1", caller: 8, assigned: (0, None), said: &[(2, NOTE, "Caller writes Portuguese; Inês can be reached in English by phone.")] },
    Ticket { title: "  Temperature sensor \"cold store 3\" silent  ", text: "No values since 02:14. The store itself is at \u{2212}18 \u{b0}C, checked by hand.\r\nPlease treat with care: food inside.", category: ("network", "dhcp"), levels: (1, 1), state: "1", caller: 11, assigned: (1, None), said: &[(11, COMMENT, "Still \u{2212}18 \u{b0}C at 03:00."), (11, COMMENT, "Still \u{2212}18 \u{b0}C at 03:00.")] },
    Ticket { title: "Duplicate: order import stuck", text: "Same as the other ticket about the web shop.", category: ("software", "internal application"), levels: (2, 2), state: "8", caller: 9, assigned: (4, Some(5)), said: &[(5, COMMENT, "We follow this up in the first ticket.")] },
    Ticket { title: "Need a second screen for the packing desk", text: "The packers have to switch windows all the time.", category: ("inquiry", "internal application"), levels: (3, 3), state: "1", caller: 11, assigned: (0, None), said: &[] },
];
