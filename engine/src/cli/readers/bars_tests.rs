use super::*;
use crate::cli::readers::sample::{
    blob_finished, blob_started, digest, finished, item_started, plan_ready,
};
use crate::event::{Presence, Status};

fn bars() -> Bars {
    Bars::new(MultiProgress::with_draw_target(ProgressDrawTarget::hidden()))
}

fn shown(bars: &Bars) -> usize {
    let drawing = bars.drawing.lock().unwrap();
    drawing.blobs.values().filter(|blob| blob.line.is_some()).count()
}

#[test]
fn all_templates_are_well_formed() {
    for template in [ITEMS, SURVEY, BLOB, BLOB_WITHOUT_SIZE] {
        assert!(ProgressStyle::with_template(template).is_ok(), "{template}");
    }
}

#[test]
fn at_most_eight_blobs_have_a_line_and_the_next_moves_up() {
    let bars = bars();
    bars.read(&plan_ready(1, 0, 0));
    bars.read(&item_started(1));
    for blob in 0..12 {
        bars.read(&blob_started(1, &blob.to_string(), Some(100)));
    }
    assert_eq!(shown(&bars), 8);
    for blob in 0..3 {
        bars.read(&blob_finished(1, &blob.to_string(), Presence::Copied));
    }
    assert_eq!(shown(&bars), 8);
    assert_eq!(bars.drawing.lock().unwrap().blobs.len(), 9);
    bars.read(&Event::ItemFinished { item: 1, outcome: finished(Status::Failed) });
    assert_eq!(shown(&bars), 0);
    assert!(bars.drawing.lock().unwrap().blobs.is_empty());
}

#[test]
fn the_first_bar_counts_items_that_began() {
    let bars = bars();
    bars.read(&plan_ready(2, 1, 840));
    bars.read(&item_started(1));
    bars.read(&item_started(2));
    let ended = |item| Event::ItemFinished { item, outcome: finished(Status::Copied) };
    bars.read(&ended(1));
    // One that was unchanged never began.
    bars.read(&ended(500));
    let drawing = bars.drawing.lock().unwrap();
    assert_eq!((drawing.items.position(), drawing.items.length()), (1, Some(3)));
    assert_eq!(drawing.items.message(), "registry.corp/mirror/nginx:1.29");
}

#[test]
fn a_blob_s_bar_goes_on_from_where_it_is() {
    let bars = bars();
    for blob in ["a", "b", "c", "d", "e", "f", "g", "h", "late"] {
        bars.read(&blob_started(1, blob, Some(100)));
    }
    for bytes in [10, 20] {
        bars.read(&Event::BlobProgress { digest: digest("late"), bytes });
    }
    for blob in ["a", "b", "c", "d", "e", "f", "g", "h"] {
        bars.read(&blob_finished(1, blob, Presence::Copied));
    }
    let drawing = bars.drawing.lock().unwrap();
    let line = drawing.blobs[&digest("late")].line.as_ref().unwrap();
    assert_eq!((line.position(), line.length()), (30, Some(100)));
}
