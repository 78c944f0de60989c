//! Engines that are broken on purpose, one rule each: the scenario that shows the hazard finds it out, by the words of
//! its own judgement. `docs/hazards.md` lists them.

use lockstep_core::caught_without;

use crate::{content, coverage, crashes, creates, edits, matching, rides, stores};

caught_without! {
    h01_marker_names_the_call: MarkerNamesTheCall, stores::h01_a_store_that_was_deleted_makes_no_second_copy_of_anything, "the titles of both sides differ";
    h02_store_taken_for_new: StoreTakenForNew, stores::h02_an_older_store_behind_a_one_way_mapping_creates_nothing_again, "copied twice";
    h03_other_store_ignored: OtherStoreIgnored, stores::h03_another_store_stops_unless_it_is_taken_over, "unwrap_err";
    h03_other_store_ignored_by_both: OtherStoreIgnored, stores::h03_two_engines_make_at_most_one_cycle_of_doubles_and_list_them, "neither noticed";
    h04_settle_not_awaited: SettleNotAwaited, creates::h04_late_commit_is_awaited, "copied twice";
    h05_empty_look_up_believed: EmptyLookUpBelieved, stores::h05_an_empty_answer_that_hides_the_control_proves_nothing, "copied twice";
    h05_canary_not_awaited: CanaryNotAwaited, stores::h05_the_second_create_waits_for_the_first_ones_proof, "before the canary";
    h05_lost_twice_sent_again: LostTwiceSentAgain, creates::h05_a_create_that_was_lost_twice_is_not_sent_a_third_time, "a third time";
    h06_copied_marker_believed: CopiedMarkerBelieved, stores::h06_a_cloned_ticket_is_a_new_one, "a counterpart of its own";
    h07_absent_without_accounting: AbsentWithoutAccounting, stores::h07_a_wiped_marker_leaves_the_create_to_a_person, "no second copy";
    h08_own_ticket_is_new: OwnTicketIsNew, stores::h08_a_lost_copy_that_is_met_before_its_recovery_is_not_copied_back, "copied back";
    h09_bulk_matched_by_position: BulkMatchedByPosition, stores::h09_a_bulk_create_partly_refused_makes_the_rest, "is linked already";
    h10_lost_answer_is_no: LostAnswerIsNo, creates::h10_a_lost_answer_is_not_taken_for_a_refusal, "copied twice";
    h10_ref_line_not_read: RefLineNotRead, creates::h10_a_customer_request_whose_answer_is_lost_is_made_once, "no issue \"Two, edited";
    h11_unknown_taken_as_done: UnknownTakenAsDone, edits::h11_recovery_does_not_repeat_yesterdays_payload, "lost in silence";
    h12_new_tickets_not_matched: NewTicketsNotMatched, matching::twins_made_on_both_sides_become_one_pair, "left: (0, 2, 0)";
    h13_tombstones_forgotten: TombstonesForgotten, stores::h13_an_ended_link_is_neither_made_nor_adopted_again, "one again";
    h14_reading_is_the_base: ReadingIsTheBase, edits::h14_an_edit_between_a_write_and_the_next_reading_travels, "no incident \"Fresh";
    h15_ignored_write_taken_as_done: IgnoredWriteTakenAsDone, edits::h15_a_write_that_was_silently_ignored_is_told_and_not_repeated, "nobody was told";
    h16_older_rows_believed: OlderRowsBelieved, edits::h16_an_index_that_goes_back_in_time_reverts_nothing, "Version 5";
    h17_stamps_prove_content: StampsProveContent, edits::h17_a_ticket_judged_and_changed_in_one_second_is_judged_again, "no issue \"One\"";
    h18_absent_is_empty: AbsentIsEmpty, edits::h18_a_field_that_is_left_out_decides_nothing, "emptied";
    h19_overwrites_not_looked_for: OverwritesNotLookedFor, edits::h19_a_value_lost_in_the_last_moment_is_a_conflict_until_somebody_decides, "not asked about";
    h20_refused_call_not_split: RefusedCallNotSplit, edits::h20_a_refused_field_does_not_take_the_others_down, "went down with";
    h20_refused_call_takes_its_comment: RefusedCallNotSplit, rides::h20_a_refused_field_write_does_not_take_its_comment_down, "went down with";
    h21_half_way_is_theirs: HalfWayIsTheirs, coverage::h21_a_path_of_steps_cut_off_anywhere_is_not_taken_for_a_persons_change, "In Progress";
    h22_old_base_counts: OldBaseCounts, edits::h22_a_mapping_that_changed_between_runs_writes_nothing, "layout alone";
    h23_decision_unbound: DecisionUnbound, edits::h23_conflicts_wait_are_decided_once_and_asked_again_when_values_move, "T moved";
    h24_agreement_one_way: AgreementOneWay, coverage::h24_many_to_one_statuses_do_not_fight, "nothing to decide";
    h25_flips_not_counted: FlipsNotCounted, edits::h25_a_rule_that_answers_back_is_stopped, "for ever";
    h26_sets_as_one_value: SetsAsOneValue, edits::h26_tags_of_both_sides_and_of_the_last_moment_all_stay, "a tag was lost";
    h27_lossy_copy_comes_home: LossyCopyComesHome, edits::h27_a_plain_copy_never_replaces_the_rich_original, "lost its marks";
    h28_built_text_rewritten: BuiltTextRewritten, edits::h28_a_built_text_that_people_edited_is_left_to_them, "written over";
    h29_newest_by_ticket_stamp: NewestByTicketStamp, edits::h29_newest_wins_asks_where_no_field_has_a_time_of_its_own, "Said last";
    h33_lost_comment_sent_again: LostCommentSentAgain, content::h33_a_comment_whose_answer_is_lost_is_there_once, "left: 3";
    h34_comments_known_by_text: CommentsKnownByText, content::h34_equal_comments_in_one_second_are_two, "left: (3, 3)";
    h35_ref_of_anybody: RefOfAnybody, content::h35_a_quoted_ref_does_not_swallow_the_answer, "left: 1";
    h36_old_comments_sent: OldCommentsSent, content::h36_a_history_under_other_ids_is_not_sent_again, "poured out";
    h37_our_user_changes_nothing: OurUserChangesNothing, content::h37_what_a_rule_changes_as_our_user_travels, "stayed open";
    h36_imported_comments_sent: OldCommentsSent, content::h36_a_comment_far_older_than_what_was_copied_is_told_and_not_sent, "an old comment was sent";
    h37_unexplained_own_copied: UnexplainedOwnCopied, content::h37_what_our_user_wrote_and_nobody_explains_stays, "it was copied";
    h38_sent_as_planned: SentAsPlanned, content::h38_a_comment_made_internal_after_the_plan_stays_internal, "customers read";
    h39_private_comments_follow: PrivateCommentsFollow, content::h39_what_was_written_while_a_ticket_was_private_stays_there, "poured out";
    h41_files_known_by_content: FilesKnownByContent, content::h41_files_of_one_name_are_two_and_a_lost_upload_is_one, "log.txt";
    h42_accounted_by_time: AccountedByTime, matching::h42_a_comment_written_while_linking_is_neither_lost_nor_replayed, "replayed";
    h43_cursor_without_pending: CursorWithoutPending, coverage::h43_a_ticket_that_was_sent_away_is_not_forgotten, "titles of both sides";
    h44_missed_not_looked_for: MissedNotLookedFor, coverage::h44_a_ticket_below_the_cursor_is_found_within_a_day, "old date";
    h45_replaced_not_asked: ReplacedNotAsked, coverage::h45_a_replaced_instance_is_a_question, "unwrap_err";
    h45_return_not_asked: ReplacedNotAsked, coverage::h45_a_platform_returned_from_its_backup_is_a_question, "yesterday came back";
    h46_limit_per_batch: LimitPerBatch, coverage::h46_the_limit_counts_over_the_whole_run, "seven may";
    h47_epoch_not_checked: EpochNotChecked, crashes::h47_a_store_taken_over_at_any_moment_stops_the_run_and_the_next_one_finishes_it, "another's";
    h48_sent_after_sleep: SentAfterSleep, creates::h48_a_create_that_slept_before_its_first_byte_is_not_sent, "copied twice";
    h48_prepared_and_then_slept: SentAfterSleep, creates::h48_a_write_that_slept_while_it_was_prepared_is_not_sent, "eight hours old";
    h49_own_clock_believed: OwnClockBelieved, creates::h49_a_clock_that_steps_changes_nothing, "copied twice";
    h52_moved_rows_written: MovedRowsWritten, coverage::h52_a_plan_leaves_out_what_moved_and_writes_nothing_else, "left: 2";
    h54_cancelled_rest_forgotten: CancelledRestForgotten, coverage::h54_a_run_cancelled_at_any_moment_leaves_its_rest_to_the_next, "at event";
    h55_moved_ticket_stays_linked: MovedTicketStaysLinked, coverage::h55_a_ticket_that_moves_away_is_parked_until_it_is_back, "PUT";
}
