//! People who report, and people who judge.

use reqwest::Method;
use serde_json::{Value, json};

use super::{Answer, PASSWORD, Person, Site, answer};

impl Person<'_> {
    /// Reports a thing as spam.
    pub async fn complains_of(&self, kind: &str, id: &str) -> Answer {
        let body = json!({"kind": kind, "id": id, "reason": "spam"});
        self.post("/api/v1/reports", &body).await
    }

    /// Takes a thing down, for this reason.
    pub async fn takes_down(&self, kind: &str, id: &str, reason: &str) -> Answer {
        let path = format!("/api/v1/admin/takedowns/{kind}/{id}");
        let request = self.request(Method::PUT, &path);
        answer(request.json(&json!({"reason": reason}))).await
    }

    /// Brings back what was taken down.
    pub async fn restores(&self, kind: &str, id: &str) -> Answer {
        self.delete(&format!("/api/v1/admin/takedowns/{kind}/{id}")).await
    }

    /// Changes the account of somebody; says their own password where that is asked for, unless `change` says
    /// another.
    pub async fn changes_account(&self, of: &Person<'_>, change: &Value) -> Answer {
        let mut change = change.clone();
        if change.get("role").is_some() && change.get("password").is_none() {
            change["password"] = json!(PASSWORD);
        }
        self.patch(&format!("/api/v1/admin/users/{}", of.id), &change)
            .await
    }
}

impl Site {
    /// Someone of this name whom `admin` has made a moderator.
    pub async fn moderator(&self, name: &str, admin: &Person<'_>) -> Person<'_> {
        let person = self.person(name).await;
        let change = json!({"role": "moderator"});
        admin.changes_account(&person, &change).await.is(200);
        person
    }
}
