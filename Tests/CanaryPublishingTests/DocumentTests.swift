// SPDX-License-Identifier: Apache-2.0

import CanaryPublishing
import Foundation
import Testing

@Suite("Document") struct DocumentTests {
    @Test func `an instant has milliseconds only where there are some`() {
        #expect(Date(timeIntervalSince1970: 0).rfc3339 == "1970-01-01T00:00:00Z")
        #expect(Date(timeIntervalSince1970: 0.25).rfc3339 == "1970-01-01T00:00:00.250Z")
    }
}
