// SPDX-License-Identifier: Apache-2.0

/// Follows the conditionals of a header to determine whether its first macro only guards it.
struct IncludeGuard {
    private enum State {
        /// Nothing has been seen.
        case fresh
        /// The first conditional asks whether this macro is not defined.
        case asked(String)
        /// And the macro was defined.
        case guarding(Macro)
        /// And that conditional ended.
        case over(Macro)
        /// This header has no such guard, or it was reported already.
        case none
    }

    private var state = State.fresh
    private var depth = 0

    /// Whether code outside directives would change anything.
    var watchesCode: Bool {
        switch state {
        case .fresh, .asked, .over: true
        case .guarding, .none: false
        }
    }

    /// Whether `macro` is the guard, as far as is known by now: it is kept back.
    mutating func holds(_ macro: Macro) -> Bool {
        if case .guarding = state { return false }
        guard case .asked(macro.name) = state, ["", "1"].contains(macro.definition) else { return false }
        state = .guarding(macro)
        return true
    }

    /// Takes note of code, or of a directive like code; gives back a macro that is no guard after all.
    mutating func code() -> Macro? {
        switch state {
        case .over(let macro):
            state = .none
            return macro
        case .fresh, .asked: state = .none
        case .guarding, .none: break
        }
        return nil
    }

    /// Takes note of a conditional, which asks whether `name` is not defined.
    mutating func open(on name: String?) -> Macro? {
        depth += 1
        guard case .fresh = state, let name else { return code() }
        state = .asked(name)
        return nil
    }

    /// Takes note of an `#else` or `#elif`.
    mutating func turn() -> Macro? { depth == 1 ? end() : nil }

    /// Takes note of an `#endif`.
    mutating func close() -> Macro? {
        depth -= 1
        guard depth == 0 else { return nil }
        if case .guarding(let macro) = state {
            state = .over(macro)
            return nil
        }
        return code()
    }

    /// Takes note of the end of the header.
    mutating func end() -> Macro? {
        defer { state = .none }
        if case .guarding(let macro) = state { return macro }
        return nil
    }
}
