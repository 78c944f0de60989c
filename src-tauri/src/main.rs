//! The program of the window; all it does lies in the library.
#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

fn main() {
    lockstep_desktop::run();
}
