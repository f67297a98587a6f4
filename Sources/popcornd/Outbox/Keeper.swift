import Contract
import Files
import Ledger
import SystemPackage

/// Copies what the worker wrote into the store, on a lane of its own: the copies of a cycle take a while, and the
/// supervisor answers meanwhile.
actor Keeper {
  private let lane = Lane("keeper")
  nonisolated var unownedExecutor: UnownedSerialExecutor { lane.asUnownedSerialExecutor() }
  private let store: Store

  init(_ store: Store) { self.store = store }

  /// Takes a copy of a file; `digest` (64 digits) is what it must be, nil where nobody said.
  func adopt(_ path: FilePath, digest: String?, as kind: Store.Kind) throws -> Digest {
    try store.adopt(copyOf: path, digest: digest.flatMap { Digest(hexadecimal: $0) }, as: kind)
  }

  /// Whether both files of a generation are there and are what was published. Reads all of them.
  func isWhole(_ generation: Generation) -> Bool {
    do throws(FileFault) {
      guard try store.verify(generation.model, .weights) else { return false }
      return try store.verify(generation.optimizer, .weights)
    } catch {
      return false
    }
  }

  /// Clears the folders of cycles that are over, each for itself; answers what could not be removed.
  func clear(_ folders: [CycleFolder]) -> [FileFault] {
    folders.compactMap { folder in
      do throws(FileFault) { try folder.clear() } catch { return error }
      return nil
    }
  }

  /// The files of a cycle's selections, by case. Paths are beneath `folder` where they are not absolute.
  func adopt(_ selections: [CycleResult.Selection], in folder: FilePath) throws -> [String: SelectionFiles] {
    var files: [String: SelectionFiles] = [:]
    for selection in selections {
      files[selection.proximity.id] = SelectionFiles(
        mask: try adopt(folder.pushing(FilePath(selection.mask)), digest: selection.figures.maskDigest, as: .image),
        referenceMask: try adopt(folder.pushing(FilePath(selection.referenceMask)), digest: nil, as: .image))
    }
    return files
  }
}
