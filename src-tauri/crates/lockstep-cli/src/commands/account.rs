//! `lockstep account …`

use lockstep_app::accounts::{self, AccountView, SignedIn, TestLineView};
use lockstep_app::config::{AccountDoc, Platform, SignIn};
use lockstep_app::{ApiError, App};
use serde_json::json;

use crate::args::{AccountAdd, AccountCommand, Method, PracticePlatform};
use crate::exit::Exit;
use crate::output::Output;
use crate::secret;

/// Carries out one of them.
pub async fn account(app: &App, command: AccountCommand, output: Output) -> Result<Exit, ApiError> {
    match command {
        AccountCommand::Add(args) => add(app, args, output).await,
        AccountCommand::SignIn { name } => {
            let view = accounts::show(app, &name).await?;
            let signed_in = sign_in(app, &view).await?;
            tell_sign_in(&signed_in, output);
            Ok(Exit::Success)
        }
        AccountCommand::Test { name } => test(app, &name, output).await,
        AccountCommand::List => list(app, output).await,
        AccountCommand::Remove { name } => {
            accounts::remove(app, &name).await?;
            output.say(format!("Removed {name}, and its secret from the keychain."));
            if output.json {
                output.document(&json!({ "removed": name }));
            }
            Ok(Exit::Success)
        }
    }
}

async fn add(app: &App, args: AccountAdd, output: Output) -> Result<Exit, ApiError> {
    let later = args.no_sign_in;
    let view = accounts::add(app, document(args)?).await?;
    if later {
        output.say(format!("Added {}. `lockstep account sign-in {:?}` comes next.", view.name, view.name));
        if output.json {
            output.document(&view);
        }
        return Ok(Exit::Success);
    }
    let signed_in = sign_in(app, &view).await.map_err(|error| {
        let hint = format!("The account was added; `lockstep account sign-in {:?}` tries again.", view.name);
        let hint = error.hint.as_ref().map_or(hint.clone(), |known| format!("{known} {hint}"));
        ApiError { hint: Some(hint), ..error }
    })?;
    tell_sign_in(&signed_in, output);
    Ok(Exit::Success)
}

fn document(args: AccountAdd) -> Result<AccountDoc, ApiError> {
    let platform = match args.platform {
        PracticePlatform::Servicenow => Platform::ServiceNow,
        PracticePlatform::Jira => Platform::Jira,
    };
    let method = args.method.unwrap_or(match platform {
        Platform::ServiceNow => Method::Basic,
        Platform::Jira => Method::Token,
    });
    let needed = |value: Option<String>, flag: &str| {
        value.ok_or_else(|| {
            ApiError::new("invalid", format!("this sign-in method needs {flag}"))
                .hint("`lockstep account add --help` lists them.")
        })
    };
    let sign_in = match method {
        Method::Basic => SignIn::Basic { user: needed(args.user, "--user")? },
        Method::OauthClient => SignIn::OauthClient { client_id: needed(args.client_id, "--client-id")? },
        Method::OauthPassword => SignIn::OauthPassword {
            client_id: needed(args.client_id, "--client-id")?,
            user: needed(args.user, "--user")?,
        },
        Method::ApiKey => SignIn::ApiKey,
        Method::Token => SignIn::Token { email: needed(args.email.or(args.user), "--email")? },
    };
    Ok(AccountDoc {
        name: args.name,
        platform,
        address: args.address,
        sign_in,
        dedicated: !args.shared,
        practice: args.practice,
        sandbox: args.sandbox,
        settle_seconds: args.settle,
        private_field: args.private_field,
        // Whole, for later runs start elsewhere.
        ca_file: args
            .ca_file
            .map(|file| std::path::absolute(&file).unwrap_or(file))
            .map(|file| file.display().to_string()),
    })
}

async fn sign_in(app: &App, view: &AccountView) -> Result<SignedIn, ApiError> {
    let secret = secret::ask(&view.secret_label, &view.name)?;
    accounts::sign_in(app, &view.name, secret).await
}

fn tell_sign_in(signed_in: &SignedIn, output: Output) {
    if output.json {
        output.document(signed_in);
    }
    output.say(format!("Signed in to {} as {}.", signed_in.account, signed_in.user));
}

fn tell_line(line: &TestLineView, output: Output) {
    output.say(format!("{} {}: {}", mark(line), line.name, line.detail));
    if let (false, Some(remedy)) = (line.result == "good", &line.remedy) {
        output.say(format!("      {remedy}"));
    }
}

async fn test(app: &App, name: &str, output: Output) -> Result<Exit, ApiError> {
    let lines = accounts::test(app, name, &|line| tell_line(&line, output)).await?;
    if output.json {
        output.document(&lines);
    }
    let signed_in =
        lines.iter().find(|line| line.name == "Sign-in works").is_none_or(|line| line.result != "failed");
    let failed = lines.iter().any(|line| line.result == "failed");
    Ok(match (failed, signed_in) {
        (false, _) => Exit::Success,
        (true, false) => Exit::SignIn,
        (true, true) => Exit::Tickets,
    })
}

fn mark(line: &TestLineView) -> &'static str {
    match line.result.as_str() {
        "good" => "ok   ",
        "degraded" => "less ",
        "failed" => "FAIL ",
        _ => "?    ",
    }
}

async fn list(app: &App, output: Output) -> Result<Exit, ApiError> {
    let accounts = accounts::list(app).await?;
    if output.json {
        output.document(&accounts);
        return Ok(Exit::Success);
    }
    if accounts.is_empty() {
        output.say("No accounts yet. `lockstep account add --help` shows how to add one.");
        return Ok(Exit::Success);
    }
    let rows: Vec<Vec<String>> = accounts
        .into_iter()
        .map(|account| {
            let secret = match account.has_secret {
                Some(true) => "in the keychain",
                Some(false) => "missing",
                None => "keychain does not answer",
            };
            let user = account.signed_in_as.or(account.user).unwrap_or_default();
            vec![
                account.name,
                account.platform_label,
                account.address,
                user,
                secret.to_owned(),
                account.used_by.join(", "),
            ]
        })
        .collect();
    output.table(&["Account", "Platform", "Address", "User", "Secret", "Used by"], &rows);
    Ok(Exit::Success)
}
