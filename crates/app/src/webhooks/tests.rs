//! What is signed, and with what.

use super::*;

#[test]
fn a_signature_is_the_one_of_standard_webhooks() {
    let secret = [7; 32];
    let id = DeliveryId(ObjectId([1; 12]));
    let signed = signature(&secret, id, 1_674_087_231, r#"{"a":1}"#);
    let content = format!("{id}.1674087231.{}", r#"{"a":1}"#);
    let expected = STANDARD.encode(keys::mac(&secret, &[content.as_bytes()]));
    assert_eq!(signed, format!("v1,{expected}"));
    assert!(secret_text(&secret).starts_with("whsec_BwcH"));
}

#[test]
fn each_webhook_and_each_turn_has_another_secret() {
    let key = [9; 32];
    let (a, b) = (WebhookId(ObjectId([1; 12])), WebhookId(ObjectId([2; 12])));
    let secrets = [secret(&key, a, 0), secret(&key, a, 1), secret(&key, b, 0)];
    assert!(secrets[0] != secrets[1] && secrets[0] != secrets[2]);
    assert_eq!(secrets[0], secret(&key, a, 0));
}
