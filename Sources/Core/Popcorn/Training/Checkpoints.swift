import Contract
import Engine
import FoundationEssentials

/// A cycle's position and the snapshots that it names, in a store. Snapshots never change; the position is written after
/// those that it names, and what it no longer names is removed after it: at any moment one whole checkpoint is there.
struct Checkpoints {
  private let store: any CheckpointStore
  private static let positionName = "position.json"
  private static let prefix = "snapshot-"

  /// Whether what was selected in earlier steps may change still: then it is written with the position.
  private let selectionsChange: Bool

  init(in store: any CheckpointStore, selectionsChange: Bool = false) {
    self.store = store
    self.selectionsChange = selectionsChange
  }

  /// The checkpoint of a network of `count` parameters; nil where there is none. Throws `MethodError.checkpoint` where it
  /// is damaged, of another network, or of a version of the program that wrote it otherwise.
  func resume(count: Int) throws -> (
    position: CyclePosition, current: Snapshot, good: Snapshot, earlier: Snapshot?, best: Snapshot?
  )? {
    guard let bytes = try store.read(Self.positionName) else {
      try forget()
      return nil
    }
    var position: CyclePosition = try decode(bytes, from: Self.positionName)
    position.selections = (try readSelections(before: settled(position)) + position.selections).map(store.located)
    // Names that are equal are one snapshot, in memory too.
    var read: [String: Snapshot] = [:]
    func snapshot(_ name: String) throws -> Snapshot {
      if let known = read[name] { return known }
      let fresh = try self.read(name, count: count)
      read[name] = fresh
      return fresh
    }
    return (
      position, try snapshot(position.current), try snapshot(position.good), try position.earlier.map(snapshot),
      try position.best.map(snapshot)
    )
  }

  /// The step from which on selections lie in the position.
  private func settled(_ position: CyclePosition) -> Int { selectionsChange ? 0 : position.place.step }

  /// Removes what a cycle left whose position is gone: its parts are known by numbers that the next one gives again.
  private func forget() throws {
    let prefixes = [Self.prefix, Self.selectionsPrefix, Self.latentsPrefix, SoftLabels.prefix]
    for name in try store.names() where prefixes.contains(where: name.hasPrefix) { try store.remove(name) }
  }

  private func read(_ name: String, count: Int) throws -> Snapshot {
    guard let bytes = try store.read(name) else {
      throw MethodError.checkpoint("\(name) is missing")
    }
    do {
      let file = try Safetensors.decode(bytes)
      guard let values = file["values"], values.shape == [count] else {
        throw MethodError.checkpoint("\(name) is of another network")
      }
      let average = file["average"]
      guard average.map({ $0.shape == [count] }) != false else {
        throw MethodError.checkpoint("\(name) is of another network")
      }
      return Snapshot(
        values: values.values.floats, adam: try Adam(file, count: count), average: average?.values.floats, name: name)
    } catch let error as SafetensorsError {
      throw MethodError.checkpoint("\(name) cannot be read (\(error))")
    }
  }

  func write(
    _ position: inout CyclePosition, current: Snapshot, good: Snapshot, earlier: Snapshot?, best: Snapshot?
  ) throws {
    position.current = try write(current, &position)
    position.good = try write(good, &position)
    position.earlier = try earlier.map { try write($0, &position) }
    position.best = try best.map { try write($0, &position) }
    let names = try store.names()
    var written = position
    written.selections = try putAside(position.selections, before: settled(position), besides: Set(names))
    try store.write(Array(JSONEncoder().encode(written)), as: Self.positionName)
    let named = Set([position.current, position.good, position.earlier, position.best].compactMap(\.self))
    for name in names where name.hasPrefix(Self.prefix) && !named.contains(name) { try store.remove(name) }
  }

  private func decode<Value: Decodable>(_ bytes: [UInt8], from name: String) throws -> Value {
    do {
      return try JSONDecoder().decode(Value.self, from: Data(bytes))
    } catch {
      throw MethodError.checkpoint("\(name) cannot be read (\(error))")
    }
  }

  // What steps that are over have selected never changes. It lies in a file for each, so that a checkpoint is not larger
  // the more of the pool is labelled.

  private static let selectionsPrefix = "selections-"

  private static func selectionsName(_ step: Int) -> String { "\(selectionsPrefix)\(step).json" }

  /// Writes the selections of steps before `step` that are not written yet; answers the others.
  private func putAside(_ selections: [CycleResult.Selection], before step: Int, besides names: Set<String>) throws
    -> [CycleResult.Selection]
  {
    for over in 1..<max(1, step) where !names.contains(Self.selectionsName(over)) {
      let chosen = selections.filter { $0.step == over }
      try store.write(Array(JSONEncoder().encode(chosen)), as: Self.selectionsName(over))
    }
    return selections.filter { $0.step >= step }
  }

  private func readSelections(before step: Int) throws -> [CycleResult.Selection] {
    try (1..<max(1, step)).flatMap { over -> [CycleResult.Selection] in
      let name = Self.selectionsName(over)
      guard let bytes = try store.read(name) else {
        throw MethodError.checkpoint("\(name) is missing")
      }
      return try decode(bytes, from: name)
    }
  }

  private func write(_ snapshot: Snapshot, _ position: inout CyclePosition) throws -> String {
    if let name = snapshot.name { return name }
    position.snapshots += 1
    let name = "\(Self.prefix)\(position.snapshots).safetensors"
    let (values, adam) = (snapshot.values, snapshot.adam)
    var entries: [Safetensors.Entry] = [
      .init(name: "values", shape: [values.count], values: .float32(values)),
      .init(name: "first", shape: [values.count], values: .float32(adam.firstMoment)),
      .init(name: "second", shape: [values.count], values: .float32(adam.secondMoment)),
      .init(name: "steps", shape: [1], values: .float64([Double(adam.steps)])),
    ]
    if let average = snapshot.average {
      entries.append(.init(name: "average", shape: [average.count], values: .float32(average)))
    }
    try store.write(Safetensors(entries).encode(), as: name)
    snapshot.name = name
    return name
  }

  // Embedding thousands of scans takes hours, and the weights do not change meanwhile: what is done is kept, in parts that
  // are written once.

  private static let latentsPrefix = "latents-"

  private static func latentsPrefix(of snapshot: String) -> String { "\(latentsPrefix)\(snapshot)-" }

  func readLatents(of snapshot: String) throws -> [String: [Float]] {
    var latents: [String: [Float]] = [:]
    for name in try store.names() where name.hasPrefix(Self.latentsPrefix(of: snapshot)) {
      guard let bytes = try store.read(name), let part = try? Safetensors.decode(bytes) else { continue }
      for entry in part.entries { latents[entry.name] = entry.values.floats }
    }
    return latents
  }

  /// Keeps latents under the weights of a snapshot beside those that are kept; those under others go.
  func add(_ latents: [String: [Float]], of snapshot: String) throws {
    let prefix = Self.latentsPrefix(of: snapshot)
    let names = try store.names().filter { $0.hasPrefix(Self.latentsPrefix) }
    for name in names where !name.hasPrefix(prefix) { try store.remove(name) }
    let entries = latents.keys.sorted().map { id in
      Safetensors.Entry(name: id, shape: [latents[id]?.count ?? 0], values: .float32(latents[id] ?? []))
    }
    let number = names.count { $0.hasPrefix(prefix) } + 1
    try store.write(Safetensors(entries).encode(), as: "\(prefix)\(number)")
  }
}
