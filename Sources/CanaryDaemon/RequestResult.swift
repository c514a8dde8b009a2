// SPDX-License-Identifier: Apache-2.0

package import CanaryEngine
import Foundation

/// What came of a request, for the verb that made it; history keeps it as JSON.
package struct RequestResult: Hashable, Codable, Sendable {
    /// The search that a bisect request became.
    package var search: String?
    /// Notes for people about that search.
    package var notes: [String]?
    /// The answers to a try request.
    package var tried: TryReport?
    /// The kind of error that the request ended with.
    package var error: EngineError.Code?

    /// Makes a result that says nothing.
    package init() {}

    /// Reads what `text` wrote; nil if it is something else.
    package init?(_ text: String?) {
        guard let text, let result = try? JSONDecoder().decode(RequestResult.self, from: Data(text.utf8)) else {
            return nil
        }
        self = result
    }

    /// It as JSON.
    var text: String? {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return (try? encoder.encode(self)).map { String(decoding: $0, as: UTF8.self) }
    }
}
