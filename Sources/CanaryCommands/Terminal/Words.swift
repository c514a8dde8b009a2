// SPDX-License-Identifier: Apache-2.0

import CanaryModel
import CanaryText
import Foundation

extension Double {
    /// Seconds as people say them: `3.2 s`, `4 m 10 s`, `2 h 5 m`.
    var spokenSeconds: String {
        let whole = Int(rounded())
        switch self {
        case ..<10: return String(format: "%.1f s", self)
        case ..<60: return "\(whole) s"
        case ..<3600: return "\(whole / 60) m \(whole % 60) s"
        default: return "\(whole / 3600) h \(whole % 3600 / 60) m"
        }
    }
}

extension Int {
    /// `1 job`, `2 jobs`.
    func counting(_ noun: String) -> String { "\(self) \(noun)\(self == 1 ? "" : "s")" }
}

extension FirstError {
    /// `file:line: text` without saying the place twice.
    var spoken: String {
        guard let file, !text.hasPrefix(file) else { return text }
        return line.map { "\(file):\($0): \(text)" } ?? "\(file): \(text)"
    }
}
