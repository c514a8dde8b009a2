// SPDX-License-Identifier: Apache-2.0

import CanaryText
import Testing

@Suite("TimeSpan") struct TimeSpanTests {
    @Test(arguments: [("0s", 0), ("90s", 90), ("30m", 1800), ("2h", 7200), ("7d", 604_800), ("007m", 420)])
    func `a span is read`(text: String, seconds: Int) { #expect(TimeSpan(text)?.seconds == seconds) }

    @Test(arguments: [
        "", "s", "5", "5 m", "-5m", "+5m", "1.5h", "5M", "5ms", "5w", "m5", " 5m", "٣m", "9223372036854775807m",
        "99999999999999999999s",
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
