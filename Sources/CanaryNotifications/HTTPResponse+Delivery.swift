// SPDX-License-Identifier: Apache-2.0

import CanaryModel
import CanaryText
import Foundation

extension HTTPResponse {
    /// Whether the server did what was asked.
    var isSuccess: Bool { (200..<300).contains(status) }

    /// What a response that is not a success means for a batch sent at `date`.
    func failure(at date: Date) -> DeliveryAttempt.Result {
        let error = "HTTP \(status)\(excerpt)"
        switch status {
        case 408, 425, 429, 500...: return .unavailable(error, notBefore: retryAfter(from: date))
        case 300..<400: return .refused("HTTP \(status): redirects are not followed; correct the address")
        default: return .refused(error)
        }
    }

    /// When the server asks for another try: Retry-After as seconds or as an HTTP date.
    func retryAfter(from date: Date) -> Date? {
        guard let text = headers["retry-after"]?.trimmingCharacters(in: .whitespaces) else { return nil }
        if let seconds = Double(text), seconds >= 0, seconds.isFinite { return date.addingTimeInterval(seconds) }
        return Date(http: text)
    }

    /// The beginning of the body as text, harmless and short.
    private var excerpt: String {
        let text = SanitizedText.line(String(decoding: body.prefix(2000), as: UTF8.self), limit: 120)
        return text.isEmpty ? "" : ": \(text)"
    }
}
