//! The invented people whom both practice platforms know, so that tests can match persons across platforms.
//!
//! ServiceNow knows them by login, Jira by an account id drawn from the seed; the e-mail address is the same on both
//! (Jira hides one of them, as real people do in their profile).

/// Login, full name and e-mail address of each person. All invented.
pub const PEOPLE: &[(&str, &str, &str)] = &[
    ("amara.osei", "Amara Osei", "amara.osei@corvane.example"),
    ("bruno.keller", "Bruno Keller", "bruno.keller@corvane.example"),
    ("chiara.lombardi", "Chiara Lombardi", "chiara.lombardi@corvane.example"),
    ("dario.petrov", "Dario Petrov", "dario.petrov@corvane.example"),
    ("elin.sandberg", "Elin Sandberg", "elin.sandberg@corvane.example"),
    ("farid.haddad", "Farid Haddad", "farid.haddad@corvane.example"),
    ("greta.vogel", "Greta Vogel", "greta.vogel@corvane.example"),
    ("hugo.marchand", "Hugo Marchand", "hugo.marchand@corvane.example"),
    ("ines.carvalho", "Inês Carvalho", "ines.carvalho@corvane.example"),
    ("jun.takahashi", "Jun Takahashi", "jun.takahashi@corvane.example"),
    ("katja.nowak", "Katja Nowak", "katja.nowak@corvane.example"),
    ("liam.brennan", "Liam Brennan", "liam.brennan@corvane.example"),
];
