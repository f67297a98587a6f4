import Engine
import FoundationEssentials

/// Where a cycle keeps what it needs to go on after a crash. What is written is there whole, or not at all.
public protocol CheckpointStore: AnyObject {
  /// The bytes under a name; nil where there are none.
  func read(_ name: String) throws -> [UInt8]?
  /// Puts bytes under a name, in place of others, so that they survive a power cut.
  func write(_ bytes: [UInt8], as name: String) throws
  /// Removes what lies under a name, if anything does.
  func remove(_ name: String) throws
  /// All names.
  func names() throws -> [String]
}

/// A cycle's position and the snapshots that it names, in a store. Snapshots never change; the position is written after
/// those that it names, and what it no longer names is removed after it: at any moment one whole checkpoint is there.
struct Checkpoints {
  private let store: any CheckpointStore
  private static let positionName = "position.json"
  private static let prefix = "snapshot-"

  init(in store: any CheckpointStore) { self.store = store }

  /// The checkpoint of a network of `count` parameters; nil where there is none.
  func resume(count: Int) throws -> (
    position: CyclePosition, current: Snapshot, good: Snapshot, earlier: Snapshot?, best: Snapshot?
  )? {
    guard let bytes = try store.read(Self.positionName) else { return nil }
    let position: CyclePosition
    do {
      position = try JSONDecoder().decode(CyclePosition.self, from: Data(bytes))
    } catch {
      throw MethodError.checkpoint("\(Self.positionName) cannot be read (\(error)): remove it to start the cycle anew")
    }
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

  private func read(_ name: String, count: Int) throws -> Snapshot {
    guard let bytes = try store.read(name) else {
      throw MethodError.checkpoint("\(name) is missing: remove \(Self.positionName) to start the cycle anew")
    }
    let file = try Safetensors.decode(bytes)
    guard let values = file["values"], values.shape == [count] else {
      throw MethodError.checkpoint("\(name) is of another network: remove \(Self.positionName) to start anew")
    }
    return Snapshot(values: values.values.floats, adam: try Adam(file, count: count), name: name)
  }

  func write(
    _ position: inout CyclePosition, current: Snapshot, good: Snapshot, earlier: Snapshot?, best: Snapshot?
  ) throws {
    position.current = try write(current, &position)
    position.good = try write(good, &position)
    position.earlier = try earlier.map { try write($0, &position) }
    position.best = try best.map { try write($0, &position) }
    try store.write(Array(JSONEncoder().encode(position)), as: Self.positionName)
    let named = Set([position.current, position.good, position.earlier, position.best].compactMap(\.self))
    for name in try store.names() where name.hasPrefix(Self.prefix) && !named.contains(name) {
      try store.remove(name)
    }
  }

  private func write(_ snapshot: Snapshot, _ position: inout CyclePosition) throws -> String {
    if let name = snapshot.name { return name }
    position.snapshots += 1
    let name = "\(Self.prefix)\(position.snapshots).safetensors"
    let (values, adam) = (snapshot.values, snapshot.adam)
    let file = Safetensors([
      .init(name: "values", shape: [values.count], values: .float32(values)),
      .init(name: "first", shape: [values.count], values: .float32(adam.firstMoment)),
      .init(name: "second", shape: [values.count], values: .float32(adam.secondMoment)),
      .init(name: "steps", shape: [1], values: .float64([Double(adam.steps)])),
    ])
    try store.write(file.encode(), as: name)
    snapshot.name = name
    return name
  }

  // Embedding thousands of scans takes hours, and the weights do not change meanwhile: what is done is kept.

  private static let latentsName = "latents.safetensors"

  func readLatents(of snapshot: String) throws -> [String: [Float]] {
    guard let bytes = try store.read(Self.latentsName), let file = try? Safetensors.decode(bytes),
      file.metadata["snapshot"] == snapshot
    else { return [:] }
    return Dictionary(file.entries.map { ($0.name, $0.values.floats) }, uniquingKeysWith: { first, _ in first })
  }

  func write(_ latents: [String: [Float]], of snapshot: String) throws {
    let entries = latents.keys.sorted().map { id in
      Safetensors.Entry(name: id, shape: [latents[id]?.count ?? 0], values: .float32(latents[id] ?? []))
    }
    try store.write(Safetensors(entries, metadata: ["snapshot": snapshot]).encode(), as: Self.latentsName)
  }
}
