//! Comments and files: who could read the copies.

use super::ProblemCode as Code;
use super::{Checker, Level, Part};
use crate::mapping::Carry;
use crate::side::Side;
use crate::ticket::Visibility;

impl Checker<'_> {
    pub(super) fn comments(&mut self) {
        let rules = &self.mapping.comments;
        for from in Side::BOTH {
            let to = from.opposite();
            let place = self.place(Part::Comments { side: from });
            let (sender, receiver) = (self.platform(from), self.platform(to));
            let public = rules.carry(from, Visibility::Public);
            let internal = rules.carry(from, Visibility::Internal);
            let internal_there = self.schema(to).internal_comments && self.capabilities[to].internal_comments;
            if (public == Carry::Internal || internal == Carry::Internal) && !internal_there {
                let message = format!(
                    "Copies of {sender} comments shall be internal, and {receiver} has no internal comments in this scope: they stay in {sender}."
                );
                let fix = "Choose not to copy them, or to copy public comments as public.";
                self.add(Level::Warning, Code::NoInternalComments, place.clone(), message, fix);
            }
            let customers = self.schema(to).customers_read;
            if internal == Carry::Public {
                let who = if customers { "customers" } else { "everybody who sees the ticket" };
                let message = format!(
                    "Internal comments of {sender} become public in {receiver}: {who} will read them."
                );
                self.add(
                    Level::Warning,
                    Code::InternalBecomesPublic,
                    place.clone(),
                    message,
                    "Keep them internal unless that is meant.",
                );
            }
            if public == Carry::Public && customers {
                let message =
                    format!("Customers will read copies of public {sender} comments in {receiver}.");
                self.add(
                    Level::Note,
                    Code::CustomersRead,
                    place,
                    message,
                    "Copy them as internal if customers shall not read them.",
                );
            }
            if self.mapping.attachments.copy[from] && customers {
                let message = format!("Customers may see files copied from {sender} to {receiver}.");
                let place = self.place(Part::Attachments);
                self.add(
                    Level::Note,
                    Code::CustomersRead,
                    place,
                    message,
                    "Do not copy files if customers shall not see them.",
                );
            }
        }
    }
}
