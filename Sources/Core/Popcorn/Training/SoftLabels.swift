import Contract
import Glibc

/// What a teacher made of patches of the pool, each a file in the cycle's store: too many for memory.
///
/// A value is a byte: probabilities in steps of 1/255, entropies in steps of ln 2 / 255.
struct SoftLabels {
  private let store: any CheckpointStore
  static let prefix = "soft-"
  private static let mostEntropy = log(Float(2))

  private let voxels: Int

  /// - Parameter voxels: of a patch.
  init(in store: any CheckpointStore, voxels: Int) { (self.store, self.voxels) = (store, voxels) }

  private func name(_ place: PatchPlace) -> String { "\(Self.prefix)\(place.caseID)-\(place.tile.index)" }

  /// Those that are there, by name.
  func known() throws -> Set<String> { Set(try store.names().filter { $0.hasPrefix(Self.prefix) }) }

  func isKnown(_ place: PatchPlace, among names: Set<String>) -> Bool { names.contains(name(place)) }

  func write(_ label: SoftLabel, of place: PatchPlace) throws {
    func bytes(_ values: [Float], _ most: Float) -> [UInt8] {
      values.map { UInt8(max(0, min(255, ($0 / most * 255).rounded()))) }
    }
    try store.write(bytes(label.lesion, 1) + bytes(label.entropy, Self.mostEntropy), as: name(place))
  }

  /// Once the teacher has spoken. Throws `MethodError.checkpoint` for a file that is gone or not as it was written.
  func read(_ place: PatchPlace) throws -> SoftLabel {
    let bytes = try store.read(name(place)) ?? []
    guard bytes.count == 2 * voxels else {
      throw MethodError.checkpoint("\(name(place)) has \(bytes.count) bytes, not \(2 * voxels)")
    }
    func values(_ bytes: ArraySlice<UInt8>, _ most: Float) -> [Float] { bytes.map { Float($0) / 255 * most } }
    return SoftLabel(lesion: values(bytes[..<voxels], 1), entropy: values(bytes[voxels...], Self.mostEntropy))
  }
}
