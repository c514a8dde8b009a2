// SPDX-License-Identifier: Apache-2.0

/// The form of a fingerprint: the number before its colon, raised whenever a failure gets another fingerprint than before.
///
/// History keeps fingerprints of older forms. They are never equal to new ones, which must not look like a new failure.
package enum FingerprintForm {
    /// The form that is written now; the first form had no number.
    package static let current = 2

    /// Whether `one` and `other` show that two failures are different: fingerprints of two forms never do.
    package static func differ(_ one: String, _ other: String) -> Bool {
        one != other && form(of: one) == form(of: other)
    }

    private static func form(of fingerprint: String) -> Substring {
        fingerprint.firstIndex(of: ":").map { fingerprint[..<$0] } ?? ""
    }
}
