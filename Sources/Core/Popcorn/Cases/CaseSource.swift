import Contract
import Imaging

/// A scan as the network sees it: on the reference grid, its FLAIR peak at 1, background 0; and where its brain is.
public struct CaseVolume: Sendable {
  /// Intensities.
  public var image: Volume<Float>
  /// 1 in the brain.
  public var brain: Volume<UInt8>

  /// A scan and its brain, of one size.
  public init(image: Volume<Float>, brain: Volume<UInt8>) {
    self.image = image
    self.brain = brain
  }

  /// The box around the brain, first and past-the-end voxel along x, y and z; nil where there is no brain.
  public var brainBox: [Range<Int>]? { boundingBox(of: brain) }
}

/// Where the volumes and masks of cases come from. Thousands of scans do not fit into memory, so each is asked for when
/// it is needed; what is asked for often is the source's business (see `CachedCases`).
public protocol CaseSource: AnyObject {
  /// The prepared scan.
  func volume(of scan: CaseReference) throws -> CaseVolume
  /// A mask on the reference grid, 0 or 1; `unknownVoxel` where a pseudo-label says nothing.
  func mask(_ mask: MaskReference, of scan: CaseReference) throws -> Volume<UInt8>
  /// Told when a mask's file was written anew.
  func forget(_ mask: MaskReference)
}

extension CaseSource {
  /// Nothing was kept.
  public func forget(_ mask: MaskReference) {}
}

/// The box around what is not zero, first and past-the-end voxel along x, y and z; nil where all is zero.
public func boundingBox(of mask: Volume<UInt8>) -> [Range<Int>]? {
  var low = [Int.max, Int.max, Int.max]
  var high = [-1, -1, -1]
  var voxel = 0
  for z in 0..<mask.size.z {
    for y in 0..<mask.size.y {
      for x in 0..<mask.size.x {
        if mask.values[voxel] != 0 {
          low = [min(low[0], x), min(low[1], y), min(low[2], z)]
          high = [max(high[0], x), max(high[1], y), max(high[2], z)]
        }
        voxel += 1
      }
    }
  }
  return high[0] < 0 ? nil : (0..<3).map { low[$0]..<high[$0] + 1 }
}
