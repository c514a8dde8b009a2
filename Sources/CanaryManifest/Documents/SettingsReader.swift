// SPDX-License-Identifier: Apache-2.0

import CanaryModel
import CanaryText

/// What `stack.yaml` and the images file say, before the projects are known.
struct StackSettings {
    var name = ""
    var title: String?
    var runtime = RuntimeChoice.auto
    var fallback = Fallback.lastKnownGood
    var siteURL: String?
    var variants: [Variant] = []
    var operation = Operation()
    var hostLimits = HostLimits()
    var attemptLimits = AttemptLimits()
    var policy = Policy()
    var notify: [NotifyTarget] = []
    var imagesFile: String?

    /// The stack these settings make of `graph`.
    func stack(of graph: ProjectGraph) -> Stack {
        Stack(
            name: name, title: title, runtime: runtime, fallback: fallback, siteURL: siteURL, variants: variants,
            graph: graph, operation: operation, limits: hostLimits, policy: policy, notify: notify)
    }
}

/// Reads `stack.yaml`, and the images file it points to.
struct SettingsReader {
    let file: ManifestFile
    let folder: StackFolder
    let runtime: RuntimeChoice?
    /// The names of all projects.
    let projects: ProjectNames

    /// The settings.
    ///
    /// What cannot be read is reported and stands at its default. Nil when the file is not a mapping.
    func read() -> StackSettings? {
        guard let map = MapReader(file.field, as: .stack) else { return nil }
        var settings = StackSettings()
        settings.name = map.required("stack")?.line(.identifier) ?? ""
        settings.title = map["title"]?.line()
        settings.runtime = self.runtime(map)
        settings.fallback = map["fallback"]?.choice(Fallback.self) ?? .lastKnownGood
        settings.siteURL = map.nonNull("site-url")?.line(.webAddress)
        settings.imagesFile = imagesFile(map, runtime: settings.runtime)
        settings.variants = variants(map, settings: settings)
        settings.operation = operation(map)
        if let limits = map["limits"].flatMap({ MapReader($0, as: .stackLimits) }) {
            settings.hostLimits = hostLimits(limits)
            settings.attemptLimits = AttemptLimits().overlaid(LimitsOverride(reading: limits))
        }
        settings.policy = map["policy"].flatMap(policy) ?? Policy()
        settings.notify = map["notify"].map { NotifyReader(projects: projects).read($0) } ?? []
        return settings
    }

    private func runtime(_ map: MapReader) -> RuntimeChoice {
        let written = map["runtime"]?.choice(RuntimeChoice.self)
        return runtime ?? written ?? .auto
    }

    private func imagesFile(_ map: MapReader, runtime: RuntimeChoice) -> String? {
        map["images"].map { $0.line() }.map { name in name.flatMap { folder.imagesPath(named: $0) } }
            ?? folder.imagesPath(named: nil)
    }

    private func variants(_ map: MapReader, settings: StackSettings) -> [Variant] {
        let lanes = map["lanes"]?.distinctList { $0.choice(Lane.self) } ?? [.head, .release]
        let isProcess = settings.runtime == .process
        let images = settings.imagesFile.flatMap { path in
            folder.read(path, hint: "`images:` in `stack.yaml` names the file of container images")
        }
        let known = images.map { ImagesReader(file: $0).read() }
        let reader = VariantsReader(
            images: known?.mapValues(\.image), isImagesFileBroken: settings.imagesFile != nil && images == nil,
            isProcess: isProcess,
            lanes: lanes)
        let variants = map.required("variants").map { reader.read($0) } ?? []
        // Only images that are built in: what is merely known may stay unpinned.
        let used = isProcess ? [] : Set(variants.compactMap { $0.image?.name })
        used.forEach { known?[$0]?.warnOfTag() }
        return variants
    }

    private func operation(_ map: MapReader) -> Operation {
        var operation = Operation(schedule: try? CronSchedule("0 3 * * *"), digest: try? CronSchedule("0 8 * * *"))
        if map["schedule"] != nil { operation.schedule = map.nonNull("schedule")?.schedule() }
        if map["digest"] != nil { operation.digest = map.nonNull("digest")?.schedule() }
        if let poll = map["poll"]?.span(positive: true) { operation.poll = poll }
        operation.backup = map.nonNull("backup").flatMap(backup)
        let keep = map["keep"].flatMap { MapReader($0, as: .keep) }
        if let logs = keep?["logs"]?.span() { operation.keepLogs = logs }
        return operation
    }

    private func backup(_ field: Field) -> Backup? {
        guard let map = MapReader(field, as: .backup) else { return nil }
        let folder = map.required("to")?.line()
        let every = map["every"]?.span(positive: true) ?? .days(1)
        let keep = map["keep"]?.integer(in: 1...100_000) ?? 14
        return folder.map { Backup(folder: $0, every: every, keep: keep) }
    }

    private func hostLimits(_ map: MapReader) -> HostLimits {
        var limits = HostLimits()
        if let jobs = map["jobs"]?.integer(in: 1...1024) { limits.jobs = jobs }
        if let store = map["store"]?.size() { limits.store = store }
        if let hours = map["hours"]?.number() { limits.hours = hours }
        if let probes = map["probes"]?.integer(in: 0...100_000) { limits.probes = probes }
        if let hours = map["search-hours"]?.number() { limits.searchHours = hours }
        return limits
    }

    private func policy(_ field: Field) -> Policy? {
        guard let map = MapReader(field, as: .policy) else { return nil }
        var policy = Policy()
        if let reruns = map["reruns"]?.integer(in: 0...10) { policy.reruns = reruns }
        if let reprobe = map["reprobe"]?.span(positive: true) { policy.reprobe = reprobe }
        if let after = map["page-after"].flatMap({ MapReader($0, as: .pageAfter) }) {
            policy.pageAfterAge = after["age"].flatMap(age)
            if let heads = after["heads"]?.integer(in: 1...1000) { policy.pageAfterHeads = heads }
        }
        if let after = map["or-after"].flatMap({ MapReader($0, as: .orAfter) }) {
            if let age = after["age"]?.span() { policy.orAfterAge = age }
            if let runs = after["runs"]?.integer(in: 1...1000) { policy.orAfterRuns = runs }
        }
        return policy
    }

    private func age(_ field: Field) -> Policy.Age? {
        if case .scalar(let scalar) = field.node.content, scalar.text == "learn" { return .learned }
        return field.span().map { .span($0) }
    }
}

extension LimitsOverride {
    /// Reads the limits of an attempt; the keys of the host are left to others.
    init(reading map: MapReader) {
        self.init()
        attempt = map["attempt"]?.span(positive: true)
        silence = map["silence"]?.span(positive: true)
        log = map["log"]?.size()
        memory = map["memory"]?.size()
        processes = map["processes"]?.integer(in: 1...4_194_304)
        disk = map["disk"]?.size()
    }
}
