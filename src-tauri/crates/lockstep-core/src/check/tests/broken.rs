//! Checkers that leave a rule out: the test of the rule finds it out. `docs/hazards.md` lists them.

use super::{connections, fields};

crate::caught_without! {
    h30_dates_meet_times: DatesMeetTimes, fields::date_and_date_time_need_a_zone, "DateNeedsZone";
    h31_overlaps_allowed: OverlapsAllowed, connections::two_one_way_connections_are_no_two_way_one, "ConnectionsOverlap";
    h32_rings_allowed: RingsAllowed, connections::a_ring_of_two_way_mappings, "RingOfConnections";
}
