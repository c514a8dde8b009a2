// SPDX-License-Identifier: Apache-2.0

import CanaryModel
import CanaryText
import Foundation

extension HTTPAnswer {
    /// Whether the server did what it was asked to.
    var isFine: Bool { (200..<300).contains(status) }

    /// What an answer other than fine means for a letter sent at `date`.
    func failure(at date: Date) -> Delivery {
        let trouble = "HTTP \(status)\(said)"
        switch status {
        case 408, 425, 429, 500...: return .busy(trouble, notBefore: retryAfter(from: date))
        case 300..<400: return .refused("HTTP \(status): redirects are not followed; correct the address")
        default: return .refused(trouble)
        }
    }

    /// When the server wants to be asked again: Retry-After as seconds or as a date of HTTP.
    func retryAfter(from date: Date) -> Date? {
        guard let text = headers["retry-after"]?.trimmingCharacters(in: .whitespaces) else { return nil }
        if let seconds = Double(text), seconds >= 0, seconds.isFinite { return date.addingTimeInterval(seconds) }
        return Date(http: text)
    }

    /// The first words of an answer in text, harmless and short.
    private var said: String {
        let text = SanitizedText.line(String(decoding: body.prefix(2000), as: UTF8.self), limit: 120)
        return text.isEmpty ? "" : ": \(text)"
    }
}
