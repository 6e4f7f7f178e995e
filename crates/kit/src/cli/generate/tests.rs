use std::{
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

use sea_orm_runner::Stop;

use super::repeat_signal;

#[test]
fn a_signal_is_repeated_until_there_is_an_answer() {
    // From here on, a signal does not end this process.
    let stop = &Stop::on_every_signal().unwrap();
    stop.request(15);
    let (answered, is_answered) = mpsc::channel();
    thread::scope(|scope| {
        scope.spawn(move || repeat_signal(stop, &is_answered));
        let began = Instant::now();
        while stop.signal() != Some(2) && began.elapsed() < Duration::from_mins(1) {
            thread::sleep(Duration::from_millis(5));
        }
        drop(answered);
    });
    assert_eq!(stop.signal(), Some(2));
}
