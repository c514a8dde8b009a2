// SPDX-License-Identifier: Apache-2.0

import CanaryModel
import CanaryText

/// `, did you mean ...?` behind a message about the unknown `name`; empty when no name is near.
func suggestion(for name: String, in names: some Sequence<String>) -> String {
    NearestName.of(name, among: names).map { ", did you mean \(quoted($0))?" } ?? ""
}
