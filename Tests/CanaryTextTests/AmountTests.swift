// SPDX-License-Identifier: Apache-2.0

import CanaryText
import Testing

@Suite("TimeSpan") struct TimeSpanTests {
    @Test(arguments: [("0s", 0), ("90s", 90), ("30m", 1800), ("2h", 7200), ("7d", 604_800), ("007m", 420)])
    func `a span is read`(text: String, seconds: Int) { #expect(TimeSpan(text)?.seconds == seconds) }

    @Test(arguments: [
        "", "s", "5", "5 m", "-5m", "+5m", "1.5h", "5M", "5ms", "5w", "m5", " 5m", "٣m", "9223372036854775807m",
        "99999999999999999999s", "106751991167300d", "365251d",
    ])
    func `anything else is refused`(text: String) { #expect(TimeSpan(text) == nil) }

    @Test(arguments: [0, 1, 59, 60, 61, 3600, 86_399, 86_400, 90_000, 604_800])
    func `the written form reads back`(seconds: Int) {
        let span = TimeSpan(seconds: seconds)
        #expect(TimeSpan(span.description) == span)
        #expect(span.duration == .seconds(seconds))
    }

    @Test func `the largest unit that divides it is written`() {
        #expect(TimeSpan.minutes(90).description == "90m")
        #expect(TimeSpan.hours(48).description == "2d")
        #expect(TimeSpan.days(1) == .hours(24))
        #expect(TimeSpan.minutes(59) < .hours(1))
    }
}

@Suite("ByteSize") struct ByteSizeTests {
    @Test(arguments: [
        ("0B", 0), ("512B", 512), ("512KiB", 524_288), ("64MiB", 67_108_864), ("8GiB", 8_589_934_592),
        ("1TiB", 1_099_511_627_776),
    ])
    func `a size is read`(text: String, bytes: Int) { #expect(ByteSize(text)?.bytes == bytes) }

    @Test(arguments: [
        "", "64", "64MB", "64mib", "64 MiB", "-1B", "+1B", "1.5GiB", "MiB", "٣MiB", "99999999TiB",
        "99999999999999999999B",
    ])
    func `anything else is refused`(text: String) { #expect(ByteSize(text) == nil) }

    @Test(arguments: [0, 1, 1023, 1024, 1025, 1 << 20, 3 << 29, 5 << 40, 2000 << 40])
    func `the written form reads back`(bytes: Int) {
        let size = ByteSize(bytes: bytes)
        #expect(ByteSize(size.description) == size)
    }

    @Test func `the largest unit that divides it is written`() {
        #expect(ByteSize.mebibytes(64).description == "64MiB")
        #expect(ByteSize.mebibytes(2048) == .gibibytes(2))
        #expect(ByteSize(bytes: 1536).description == "1536B")
        #expect(ByteSize.mebibytes(1) < .gibibytes(1))
    }
}

@Suite("Amounts for people") struct AmountTextTests {
    @Test(arguments: [
        (0.0, "0 %"), (0.0004, "0.0 %"), (0.004, "0.4 %"), (0.0996, "10 %"), (0.5, "50 %"), (0.9941, "99.4 %"),
        (0.9996, "99.96 %"), (0.99999, "99.99 %"), (1, "100 %"), (7, "100 %"), (-1, "0 %"), (.nan, "–"),
    ])
    func `a share is a percentage, and 100 % only when it is certain`(share: Double, text: String) {
        #expect(share.percentText == text)
    }

    @Test(arguments: [
        (4.04, "4 s"), (4.26, "4.3 s"), (0, "0 s"), (0.0421, "43 ms"), (0.42, "0.4 s"), (59.7, "1 min"),
        (200, "3 min 20 s"), (3900, "1 h 5 min"), (64_800, "18 h"), (172_799, "47 h 59 min"), (273_600, "3 d 4 h"),
        (172_800, "2 d"), (.infinity, "–"), (.nan, "–"), (-1, "–"),
    ])
    func `a duration has its two largest units`(seconds: Double, text: String) {
        #expect(seconds.durationText == text)
        if seconds.isFinite, seconds >= 0 { #expect(Duration.seconds(seconds).durationText == text) }
    }

    @Test(arguments: [
        (0, "0 B"), (1023, "1023 B"), (1024, "1.0 KiB"), (1_048_575, "1.0 MiB"), (1 << 20, "1.0 MiB"),
        (3 << 29, "1.5 GiB"), (5 << 40, "5.0 TiB"), (5000 << 40, "5000.0 TiB"),
    ])
    func `a size has one decimal of its largest unit`(bytes: Int, text: String) { #expect(bytes.sizeText == text) }

    @Test func `one thing is singular`() {
        #expect(0.counting("job") == "0 jobs" && 1.counting("job") == "1 job" && 2.counting("job") == "2 jobs")
        #expect(1.counting("try", plural: "tries") == "1 try" && 3.counting("try", plural: "tries") == "3 tries")
    }
}
