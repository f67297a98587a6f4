import Contract
import Files
import SystemPackage

extension FileRole {
  /// What an image is by its name and folder alone.
  public init(named path: FilePath) {
    let folder = FileName(of: path.removingLastComponent())
    if FileName(of: path).isBrainMask(inFolder: folder.bytes) {
      self = .brain
    } else {
      self = Pairing(names: [path]).loneLabels.isEmpty ? .scan : .label
    }
  }
}
