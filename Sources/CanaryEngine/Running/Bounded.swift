// SPDX-License-Identifier: Apache-2.0

extension Sequence where Element: Sendable {
    /// The results of `work` for each element, at most `limit` at the same time, in the order of completion.
    func mapBounded<Value: Sendable>(
        _ limit: Int, _ work: @escaping @Sendable (Element) async throws -> Value
    ) async rethrows -> [Value] {
        try await withThrowingTaskGroup(of: Value.self) { group in
            var open = makeIterator()
            var values: [Value] = []
            for _ in 0..<limit {
                guard let element = open.next() else { break }
                group.addTask { try await work(element) }
            }
            while let value = try await group.next() {
                values.append(value)
                if let element = open.next() { group.addTask { try await work(element) } }
            }
            return values
        }
    }
}
