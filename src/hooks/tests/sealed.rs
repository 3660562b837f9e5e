//! Signing secrets lie under seal, also those from before there was one, and sign as they always did.

use super::*;
/// The signature of the latest delivery is by exactly these secrets.
fn signed_by(receiver: &Receiver, event: EventId, secrets: &[&Secret]) -> bool {
    let arrived = receiver.arrived().pop().expect("a delivery");
    let seconds: i64 = arrived.header("webhook-timestamp").parse().expect("seconds");
    let by = |secret: &&Secret| secret.sign(&event.to_string(), seconds, &arrived.body).expect("signed").to_lowercase();
    arrived.header("webhook-signature") == secrets.iter().map(by).collect::<Vec<_>>().join(" ")
}

#[tokio::test]
async fn no_signing_secret_is_kept_in_the_clear_and_both_sign_while_one_is_rotated() {
    for house in houses().await {
        let receiver = Receiver::answering(&[OK]).await;
        let made = house.endpoint(&receiver.url, &[], "one").await;
        let rotated = house.hooks.rotate(house.account, made.endpoint.id, 24, "r", Vec::new()).await.expect("rotated");
        let (old, new) = (made.secret.expect("shown once"), rotated.secret.expect("shown once"));
        let kept = house.kept().await;
        assert_eq!(kept.len(), 2);
        for text in &kept {
            assert!(text.starts_with("sealed:1:"), "{text}");
            assert!(
                !text.contains("whsec_") && !text.contains(&old.reveal()[6..]) && !text.contains(&new.reveal()[6..])
            );
        }
        let event = house.happens(&low()).await;
        assert_eq!(house.hooks.deliver_due().await, Ok(1));
        assert!(signed_by(&receiver, event, &[&new, &old]));
    }
}

#[tokio::test]
async fn a_secret_from_before_there_was_sealing_signs_and_is_sealed_at_the_start() {
    for house in houses().await {
        let receiver = Receiver::answering(&[OK]).await;
        let made = house.endpoint(&receiver.url, &[], "one").await;
        let secret = made.secret.expect("shown once");
        house.in_the_clear(secret.reveal()).await;
        for sealed in [false, true] {
            assert_eq!(house.kept().await[0].starts_with("sealed:1:"), sealed);
            let event = house.happens(&low()).await;
            assert_eq!(house.hooks.deliver_due().await, Ok(1));
            assert!(signed_by(&receiver, event, &[&secret]), "sealed: {sealed}");
            assert_eq!(house.hooks.seal_anew().await, Ok(0));
        }
    }
}

#[tokio::test]
async fn a_wrong_key_sends_nothing_says_so_and_a_rotation_helps() {
    for house in houses().await {
        let receiver = Receiver::answering(&[OK]).await;
        let made = house.endpoint(&receiver.url, &[], "one").await;
        let (right, wrong) = ("a".repeat(64), "b".repeat(64));
        assert_eq!(house.sealing_with(&right).await.seal_anew().await, Ok(0), "from the database's key to the setting");
        let before = house.kept().await;
        // The key that the database kept is still here, and opens nothing any more.
        let neighbour = house.sealing_with(&wrong).await;
        assert_eq!(neighbour.seal_anew().await, Ok(1));
        assert_eq!(house.kept().await, before, "what cannot be opened is left alone");
        let event = house.happens(&low()).await;
        assert_eq!((neighbour.deliver_due().await, receiver.arrived().len()), (Ok(0), 0));
        let (_, _, attempts) = neighbour.delivery(house.account, made.endpoint.id, event).await.expect("a delivery");
        assert!(attempts[0].failure.contains("rotate the secret"), "{attempts:?}");
        let rotated = neighbour.rotate(house.account, made.endpoint.id, 24, "r", Vec::new()).await.expect("rotated");
        house.clock.advance(60);
        assert_eq!(neighbour.deliver_due().await, Ok(1));
        assert!(signed_by(&receiver, event, &[&rotated.secret.expect("shown once")]));
    }
}

#[tokio::test]
async fn a_changed_key_seals_anew_and_a_former_secret_is_forgotten_once_it_no_longer_signs() {
    for house in houses().await {
        let receiver = Receiver::answering(&[OK]).await;
        let made = house.endpoint(&receiver.url, &[], "one").await;
        let rotated = house.hooks.rotate(house.account, made.endpoint.id, 1, "r", Vec::new()).await.expect("rotated");
        let (old, new) = ("a".repeat(64), "b".repeat(64));
        assert_eq!(house.sealing_with(&old).await.seal_anew().await, Ok(0));
        assert_eq!(house.sealing_with(&format!("{new},{old}")).await.seal_anew().await, Ok(0));
        assert_eq!(house.kept().await.len(), 2);
        house.clock.advance(3_600);
        let alone = house.sealing_with(&new).await;
        assert_eq!((alone.seal_anew().await, house.kept().await.len()), (Ok(0), 1));
        let event = house.happens(&low()).await;
        assert_eq!(alone.deliver_due().await, Ok(1));
        assert!(signed_by(&receiver, event, &[&rotated.secret.expect("shown once")]));
    }
}
