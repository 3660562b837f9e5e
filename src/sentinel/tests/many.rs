//! Many observations at once: what one request may bring, and how they are read again.

use super::*;

/// As much as a monitor can watch, with every value at another place of its window.
#[tokio::test]
async fn ten_thousand_observations_of_twenty_metrics_are_one_request_and_one_more_is_not() {
    let house = houses(100).await.remove(0);
    let names: Vec<String> = (0..20).map(|n| format!("m{n}")).collect();
    let rules = Rules {
        laws: vec!["reserves >= issued".into()],
        metrics: names.iter().map(|name| Metric::named(name)).collect(),
    };
    let id = house.start(NewMonitor { rules, ..new_monitor(1) }).await.id;
    let one = |n: usize| {
        let mut one = observation("1000", "5");
        let number = |place: usize| format!("{}.{}", 1_000 + n * place % 97, n % 7).parse().expect("a number");
        one.values.extend(names.iter().zip(1..).map(|(name, place)| (name.clone(), number(place))));
        one
    };
    let many = |count: usize| (0..count).map(one).collect::<Vec<_>>();
    let (observed, _) = house.sentinel.observe(house.account, id, many(10_000), "bulk").await.expect("observed");
    assert_eq!((observed.len(), observed[9_999].seq), (10_000, 10_000));
    let refused = house.sentinel.observe(house.account, id, many(10_001), "more").await;
    assert!(matches!(refused, Err(SentinelError::Invalid(_))));
}

/// A request that takes too many steps is refused whole and none of it is taken: the same key is free for less.
#[tokio::test]
async fn what_takes_too_many_steps_to_judge_is_refused_and_nothing_is_taken() {
    for house in houses(100).await {
        let rules = Rules { laws: vec!["(reserves ** 64) ** 8 >= issued".into()], metrics: Vec::new() };
        let id = house.start(NewMonitor { rules, ..new_monitor(1) }).await.id;
        let one = || observation("123456789012345678", "1");
        let refused = house.sentinel.observe(house.account, id, vec![one(); 3_000], "key").await;
        let Err(SentinelError::Invalid(error)) = refused else { panic!("{}: {refused:?}", house.name) };
        assert_eq!(error.place, "observations");
        assert!(error.message.contains("send fewer"), "{error}");
        assert_eq!(house.monitor(id).await.observations, 0);
        let (taken, replayed) = house.sentinel.observe(house.account, id, vec![one()], "key").await.expect("taken");
        assert_eq!((taken.len(), taken[0].seq, replayed), (1, 1, false));
    }
}

/// Pages reach back over requests, and end where they should inside of one.
#[tokio::test]
async fn observations_are_paged_over_the_requests_they_came_in() {
    for house in houses(100).await {
        let id = house.start(new_monitor(1)).await.id;
        for (request, count) in [("a", 3), ("b", 1), ("c", 5), ("d", 2)] {
            let new = vec![observation("2", "1"); count];
            house.sentinel.observe(house.account, id, new, request).await.expect("observed");
        }
        let (mut seen, mut before) = (Vec::new(), None);
        loop {
            let page = house.sentinel.observations(house.account, id, before, 4).await.expect("listed");
            let Some(last) = page.last() else { break };
            before = Some(last.seq);
            seen.push(page.iter().map(|one| one.seq).collect::<Vec<_>>());
        }
        assert_eq!(seen, [vec![11, 10, 9, 8], vec![7, 6, 5, 4], vec![3, 2, 1]], "{}", house.name);
    }
}

/// An export begins with the first and ends with what was the last when it began.
#[tokio::test]
async fn all_observations_are_read_oldest_first_however_they_came() {
    for house in houses(100).await {
        let id = house.start(new_monitor(1)).await.id;
        for (request, count) in [("a", 9_000), ("b", 1), ("c", 10_000), ("d", 2)] {
            let new = vec![observation("2", "1"); count];
            house.sentinel.observe(house.account, id, new, request).await.expect("observed");
        }
        let mut pages = house.sentinel.observation_pages(house.account, id).await.expect("there");
        house.sentinel.observe(house.account, id, vec![observation("2", "1")], "late").await.expect("observed");
        for _ in 0..2 {
            let (mut seen, mut sizes) = (0, Vec::new());
            while let Some(page) = pages.next().await.expect("read") {
                for one in &page {
                    seen += 1;
                    assert_eq!(one.seq, seen, "{}", house.name);
                }
                sizes.push(page.len());
            }
            assert_eq!(sizes, [9_001, 10_000, 2]);
            pages = pages.again();
        }
    }
}
