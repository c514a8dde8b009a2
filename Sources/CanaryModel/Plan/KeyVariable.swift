// SPDX-License-Identifier: Apache-2.0

/// A variable of a stage that differs between jobs which share builds; its value is part of the key of a build whose
/// recipe names it, and of no other.
package enum KeyVariable: String, CaseIterable, Sendable {
    case lane = "CANARY_LANE"
    case revision = "CANARY_REVISION"
    case variant = "CANARY_VARIANT"

    /// The variables that `script` names, in alphabetical order.
    ///
    /// A name counts wherever it stands: `$CANARY_LANE`, `printenv CANARY_LANE`, even in a comment. So does the beginning
    /// of a name that stands alone, as in `env | grep CANARY_`. A name too many costs a shared build; one too few would
    /// reuse the build of another lane. What a script of the repository reads cannot be seen here.
    package static func named(in script: String) -> [KeyVariable] {
        var named: Set<KeyVariable> = []
        var rest = script[...]
        while let start = rest.firstRange(of: stem) {
            let isWhole =
                start.lowerBound == rest.startIndex || !isPartOfName(rest[rest.index(before: start.lowerBound)])
            let end = rest[start.upperBound...].firstIndex { !isPartOfName($0) } ?? rest.endIndex
            let word = rest[start.lowerBound..<end]
            for variable in allCases where word == variable.rawValue || isWhole && variable.rawValue.hasPrefix(word) {
                named.insert(variable)
            }
            rest = rest[end...]
        }
        return allCases.filter(named.contains)
    }

    private static let stem = "CANARY"

    private static func isPartOfName(_ character: Character) -> Bool {
        character == "_" || character.isASCII && (character.isLetter || character.isNumber)
    }
}

extension BuildSpec {
    /// The value of `variable` in the build's stages.
    func value(of variable: KeyVariable) -> String {
        switch variable {
        case .lane: lane.rawValue
        case .revision: source.revision
        case .variant: variant.name
        }
    }
}
