// SPDX-License-Identifier: Apache-2.0

import CanaryModel
import CanaryText

/// Reads how a project is built in each variant: `cmake`, `stages`, `network`, `limits` and `per-variant`.
struct RecipeReader {
    private enum Form {
        case cmake(CMakeOptions)
        case stages([StageScript])
    }

    let map: MapReader
    let context: ProjectContext

    /// One build for every variant of the stack.
    func read() -> [String: VariantBuild] {
        let form = self.form(map) ?? .cmake(CMakeOptions())
        let network = map["network"]?.flag() ?? false
        let limits = (context.limits ?? AttemptLimits()).overlaid(self.limits(map))
        let base = VariantBuild(recipe: recipe(form, network: network), limits: limits)
        let names = context.variants ?? []
        var builds = Dictionary(names.map { ($0, base) }, uniquingKeysWith: { first, _ in first })
        for field in map["per-variant"]?.entries() ?? [] {
            guard let own = MapReader(field, as: .projectVariant) else { continue }
            let special = self.form(own, over: form) ?? form
            let build = VariantBuild(
                recipe: recipe(special, network: network), limits: limits.overlaid(self.limits(own)))
            if isVariant(field, in: names) { builds[field.key] = build }
        }
        return builds
    }

    private func isVariant(_ field: Field, in names: [String]) -> Bool {
        guard context.variants != nil else { return false }
        guard !names.contains(field.key) else { return true }
        field.source.unknown("variant", field.key, among: names.sorted(), at: field.keyPosition)
        return false
    }

    private func recipe(_ form: Form, network: Bool) -> Recipe {
        switch form {
        case .cmake(let options): options.recipe(network: network)
        case .stages(let stages): Recipe(stages: stages, network: network)
        }
    }

    private func limits(_ map: MapReader) -> LimitsOverride {
        map["limits"].flatMap { MapReader($0, as: .projectLimits) }.map { LimitsOverride(reading: $0) }
            ?? LimitsOverride()
    }

    /// What `map` writes, a `cmake:` laid over `base`; nil when it writes neither form.
    private func form(_ map: MapReader, over base: Form? = nil) -> Form? {
        if let stages = map["stages"], map["cmake"] != nil {
            let hint = "`cmake:` is short for four stages: keep one of the two"
            map.source.error("`cmake` and `stages` exclude each other", at: stages.keyPosition, hint: hint)
        }
        let stages = map["stages"].map { Form.stages(self.stages($0) ?? []) }
        guard let field = map["cmake"], let (options, test) = cmake(field), stages == nil else { return stages }
        if case .stages = base {
            let message = "`cmake` cannot be laid over the project's `stages`"
            map.source.error(message, at: field.keyPosition, hint: "write `stages:` here too")
            return nil
        }
        if case .cmake(let below) = base { return .cmake(below.overlaid(options: options, test: test)) }
        return .cmake(CMakeOptions(options: options, test: test ?? false))
    }

    private func cmake(_ field: Field) -> (options: [String: String], test: Bool?)? {
        guard let map = MapReader(field, as: .cmake) else { return nil }
        var options: [String: String] = [:]
        for option in map["options"]?.entries() ?? [] {
            guard TextFormat.cacheVariable.accepts(option.key) else {
                let message = "bad CMake variable \(quoted(option.key)), expected a name without `-D`"
                option.source.error(message, at: option.keyPosition)
                continue
            }
            let value = option.text()
            options[option.key] = value
            if let variable = value.flatMap(StageVariable.first) {
                let message = "`\(variable)` stays as written: options are quoted, and no shell expands them"
                option.source.warning(message, at: option.node.position, hint: "write `stages:` to use variables")
            }
        }
        return (options, map["test"]?.flag())
    }

    private func stages(_ field: Field) -> [StageScript]? {
        guard let elements = field.elements() else { return nil }
        if elements.isEmpty {
            field.source.error("`stages`: expected at least one, found none", at: field.node.position)
        }
        var seen: Set<Stage> = []
        return elements.compactMap { element in
            guard let map = MapReader(element, as: .stage) else { return nil }
            let stage = map.required("stage")
            let run = map.required("run")?.paragraph()
            let choices = Stage.scripted.map { (name: $0.rawValue, value: $0) }
            guard let stage, let name = stage.choice(among: choices) else { return nil }
            guard seen.insert(name).inserted else {
                element.source.error("stage `\(name.rawValue)` is written twice", at: stage.node.position)
                return nil
            }
            return run.map { StageScript(stage: name, run: $0) }
        }
    }
}
