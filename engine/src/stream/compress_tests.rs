use super::*;
use crate::diagnostic::{Code, Fault, Kind, Origin, Retry};
use crate::oci::Digest;
use crate::stream::Measure;
use bytes::Bytes;
use futures_util::{StreamExt, stream};
use proptest::prelude::*;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

const CUT: Code = Code::new("test::cut", Kind::Interrupted);

const CODECS: [Codec; 2] = [Codec::Gzip, Codec::Zstd];

fn body(bytes: &Bytes, chunk: usize) -> Body {
    let chunks: Vec<_> = bytes.chunks(chunk.max(1)).map(Bytes::copy_from_slice).map(Ok).collect();
    Body::new(Some(bytes.len() as u64), stream::iter(chunks))
}

async fn all(body: Body) -> Result<Bytes, Fault> {
    body.read_all(1 << 30).await
}

async fn packed(codec: Codec, plain: &Bytes, chunk: usize) -> Bytes {
    all(body(plain, chunk).compressed(codec, codec.default_level())).await.unwrap()
}

async fn unpacked(codec: Codec, bytes: &Bytes, chunk: usize) -> Result<Bytes, Fault> {
    all(body(bytes, chunk).decompressed(codec, UnpackBounds::default())).await
}

async fn code(codec: Codec, bytes: Bytes) -> String {
    let fault = unpacked(codec, &bytes, 1000).await.unwrap_err();
    assert_eq!((fault.origin, fault.retry), (Origin::Source, Retry::Never), "{fault:?}");
    fault.code.into_owned()
}

/// Text and noise, as a layer has both.
fn content(size: usize) -> Bytes {
    let mut state = 7_u64;
    let noise = (0..size).map(|at| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        if (at / 4096).is_multiple_of(3) {
            state.to_be_bytes()[0]
        } else {
            b"a layer of files "[at % 17]
        }
    });
    noise.collect()
}

#[tokio::test]
async fn what_was_packed_is_unpacked_whatever_the_chunks_are() {
    for codec in CODECS {
        for size in [0, 1, (1 << 20) - 1, 1 << 20, (1 << 20) + 1, 2_500_000] {
            let plain = content(size);
            let bytes = packed(codec, &plain, 64 << 10).await;
            for chunk in [7919, 1 << 20, 3 << 20] {
                assert_eq!(packed(codec, &plain, chunk).await, bytes, "{codec} {size} by {chunk}");
            }
            for chunk in [977, 300_000, 8 << 20] {
                let again = unpacked(codec, &bytes, chunk).await.unwrap();
                assert!(again == plain, "{codec} {size} by {chunk}");
            }
            assert!(
                size < 1 << 20 || bytes.len() < size * 2 / 3,
                "{codec} {size}: {}",
                bytes.len()
            );
        }
    }
}

#[tokio::test]
async fn each_level_gives_its_own_bytes_and_the_same_content() {
    let plain = content(300_000);
    for codec in CODECS {
        let mut sizes = Vec::new();
        for level in codec.levels() {
            let bytes = all(body(&plain, 5000).compressed(codec, level)).await.unwrap();
            assert_eq!(unpacked(codec, &bytes, 5000).await.unwrap(), plain, "{codec} -{level}");
            sizes.push(bytes.len());
        }
        assert!(sizes.last() < sizes.first(), "{codec}: {sizes:?}");
    }
    for (codec, level) in [(Codec::Gzip, 13), (Codec::Zstd, u32::MAX)] {
        let fault = all(body(&plain, 5000).compressed(codec, level)).await.unwrap_err();
        assert_eq!(fault.code, "stream::codec-failed");
    }
}

#[tokio::test]
async fn gzip_is_written_in_members_of_a_mebibyte_without_a_date() {
    let plain = content((2 << 20) + 5);
    let bytes = packed(Codec::Gzip, &plain, 10_000).await;
    let first = packed(Codec::Gzip, &plain.slice(..1 << 20), 10_000).await;
    let last = packed(Codec::Gzip, &plain.slice(2 << 20..), 10_000).await;
    assert!(bytes.starts_with(&first) && bytes.ends_with(&last));
    assert_eq!(&bytes[..8], [0x1f, 0x8b, 8, 0, 0, 0, 0, 0], "no name, no time");
}

#[tokio::test]
async fn members_and_frames_in_a_row_are_one_content() {
    for codec in CODECS {
        let (one, two) = (content(70_000), content(10));
        let bytes = [packed(codec, &one, 999).await, packed(codec, &two, 999).await].concat();
        let both = [one, two].concat();
        for chunk in [1, 4096, 1 << 20] {
            assert_eq!(unpacked(codec, &bytes.clone().into(), chunk).await.unwrap(), both);
        }
    }
    // What zstd:chunked appends: frames that say nothing.
    let skipped = [b"\x50\x2a\x4d\x18\x03\0\0\0".as_slice(), b"toc"].concat();
    let plain = content(100);
    let bytes = [packed(Codec::Zstd, &plain, 99).await.to_vec(), skipped].concat();
    assert_eq!(unpacked(Codec::Zstd, &bytes.into(), 11).await.unwrap(), plain);
}

#[tokio::test]
async fn what_is_wrong_with_compressed_content_has_a_fault_each() {
    for codec in CODECS {
        let good = packed(codec, &content(3_000_000), 1 << 16).await;
        for end in [0, 1, 5, 11, good.len() / 2, good.len() - 1] {
            let cut = good.slice(..end);
            assert_eq!(code(codec, cut).await, "stream::compression-truncated", "{codec} {end}");
        }
        for garbage in [b"x".to_vec(), vec![0; 100_000], content(50_000).to_vec()] {
            assert_eq!(code(codec, garbage.into()).await, "stream::compression-corrupt", "{codec}");
        }
        let other = packed(if codec == Codec::Gzip { Codec::Zstd } else { Codec::Gzip }, &good, 99);
        assert_eq!(code(codec, other.await).await, "stream::compression-corrupt");
        for more in [b"x".to_vec(), vec![0; 700_000], b"PK\x03\x04 and so on".to_vec()] {
            let longer = [good.to_vec(), more].concat();
            assert_eq!(code(codec, longer.into()).await, "stream::compression-trailing", "{codec}");
        }
    }
    let mut flipped = packed(Codec::Gzip, &content(3_000_000), 1 << 16).await.to_vec();
    let last = flipped.len() - 6;
    flipped[last] ^= 1; // The checksum of the last member.
    assert_eq!(code(Codec::Gzip, flipped.into()).await, "stream::compression-corrupt");
}

#[tokio::test]
async fn a_bomb_does_not_go_off() {
    let bounds = UnpackBounds { free_bytes: 1 << 20, ratio: 100, total_bytes: 64 << 20 };
    let zeros = Bytes::from(vec![0; 40 << 20]);
    for codec in CODECS {
        let bomb = packed(codec, &zeros, 1 << 20).await;
        let passed = Arc::new(AtomicUsize::new(0));
        let seen = Arc::clone(&passed);
        let unpacking = body(&bomb, 100).decompressed(codec, bounds).inspect(move |bytes| {
            seen.fetch_add(bytes.len(), Ordering::Relaxed);
        });
        let fault = all(unpacking).await.unwrap_err();
        assert_eq!(fault.code, "stream::unpacks-too-large", "{codec}");
        assert!(fault.message.contains("100 times"), "{fault}");
        assert!(passed.load(Ordering::Relaxed) < 8 << 20, "{codec}: it stopped early");
        let few = UnpackBounds { total_bytes: 3 << 20, ratio: u64::MAX, ..bounds };
        let fault = all(body(&bomb, 100).decompressed(codec, few)).await.unwrap_err();
        assert!(fault.message.contains("more than 3145728 bytes"), "{fault}");
        assert_eq!(unpacked(codec, &bomb, 1 << 20).await.unwrap().len(), zeros.len());
    }
}

#[tokio::test]
async fn damage_on_the_way_is_told_and_not_what_it_did_to_the_codec() {
    for codec in CODECS {
        let good = packed(codec, &content(400_000), 1 << 16).await;
        let digest = Digest::of(&good);
        let mut flipped = good.to_vec();
        flipped[20] ^= 0xff;
        let damaged = body(&flipped.into(), 1000).verified(&digest, Some(good.len() as u64));
        let fault = all(damaged.decompressed(codec, UnpackBounds::default())).await.unwrap_err();
        assert_eq!((fault.code.as_ref(), fault.retry), ("stream::digest-mismatch", Retry::Backoff));
        let broken = Fault::new(CUT, Origin::Source, "cut").retry(Retry::Backoff);
        let half = body(&good.slice(..good.len() / 2), 1000).into_chunks();
        let cut = Body::new(None, half.chain(stream::iter([Err(broken.clone())])));
        let unpacking = cut.decompressed(codec, UnpackBounds::default());
        assert_eq!(all(unpacking.compressed(Codec::Zstd, 1)).await.unwrap_err(), broken);
    }
}

#[tokio::test]
async fn no_more_is_read_than_the_next_step_needs() {
    let read = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&read);
    let endless = stream::repeat_with(move || {
        counted.fetch_add(1 << 16, Ordering::Relaxed);
        Ok(Bytes::from(vec![b'x'; 1 << 16]))
    });
    let mut packing = Body::new(None, endless).compressed(Codec::Gzip, 1);
    assert_eq!(read.load(Ordering::Relaxed), 0, "nothing moves before somebody reads");
    let mut given = 0;
    for _ in 0..5 {
        given += packing.next().await.unwrap().unwrap().len();
    }
    let read = read.load(Ordering::Relaxed);
    assert!(given > 0 && (5 << 20..=(7 << 20) + (1 << 16)).contains(&read), "{read}");
}

#[tokio::test]
async fn a_measure_is_taken_at_the_end_and_not_before() {
    let plain = content(100_000);
    let measure = Measure::default();
    let mut measured = body(&plain, 60_000).measured(&measure);
    measured.next().await.unwrap().unwrap();
    assert_eq!(measure.taken(), None);
    while measured.next().await.is_some() {}
    assert_eq!(measure.taken(), Some((Digest::of(&plain), 100_000)));
    let broken = Measure::default();
    let fault = Fault::new(CUT, Origin::Source, "cut");
    let body = Body::new(None, stream::iter([Ok(plain), Err(fault)])).measured(&broken);
    assert!(all(body).await.is_err() && broken.taken().is_none());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn garbage_is_a_fault_or_content_and_never_a_panic(
        start in 0..3_usize,
        garbage in prop::collection::vec(any::<u8>(), 0..5000),
        chunk in 1..6000_usize,
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        for codec in CODECS {
            let start: &[u8] = match (start, codec) {
                (0, _) => b"",
                (1, Codec::Gzip) => b"\x1f\x8b\x08\0\0\0\0\0\0\xff",
                (1, Codec::Zstd) => b"\x28\xb5\x2f\xfd",
                _ => b"\x1f\x8b\x08\x1f",
            };
            let bytes = Bytes::from([start, garbage.as_slice()].concat());
            if let Err(fault) = runtime.block_on(unpacked(codec, &bytes, chunk)) {
                prop_assert!(fault.code.starts_with("stream::compression-"), "{fault:?}");
            }
        }
    }

    #[test]
    fn packing_depends_on_the_content_alone(
        pieces in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..60_000), 0..24),
        chunk in 1..300_000_usize,
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let plain = Bytes::from(pieces.concat());
        let cut: Vec<_> = pieces.into_iter().map(|piece| Ok(Bytes::from(piece))).collect();
        for codec in CODECS {
            let cut = Body::new(None, stream::iter(cut.clone())).compressed(codec, 1);
            let one = runtime.block_on(all(cut)).unwrap();
            let two = runtime.block_on(all(body(&plain, chunk).compressed(codec, 1))).unwrap();
            prop_assert_eq!(&one, &two);
            prop_assert_eq!(runtime.block_on(unpacked(codec, &one, chunk)).unwrap(), plain.clone());
        }
    }
}
