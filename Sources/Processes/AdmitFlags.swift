import Configuration
import Contract
import Glibc

extension AdmitRunner {
  /// What popcorn-admit must know of `[accept]`: a flag for each key, named after it.
  static func flags(_ settings: Settings) -> [String] {
    let accept = settings.accept
    return [
      "--max-bytes", String(accept.maxFileSize), "--max-voxels", String(accept.maxVoxels),
      "--max-memory", String(memory(settings.resources.memoryBudget)), "--min-voxel-mm", String(accept.minVoxelMm),
      "--max-voxel-mm", String(accept.maxVoxelMm), "--min-fov-mm", String(accept.minFovMm),
      "--unknown-orientation", accept.unknownOrientation.rawValue, "--empty-labels", accept.emptyLabels.rawValue,
      "--personal-data", accept.personalData.rawValue,
      // Somewhat more than the deadline, which is to be what ends it: the kernel's word for it would be a plain SIGKILL.
      "--max-seconds", String(max(1, settings.resources.admitTimeout.components.seconds) + 5),
    ]
  }

  /// Bytes that one reading may take: the budget, of the machine's memory where it is a share.
  private static func memory(_ budget: MemoryBudget) -> Int {
    switch budget {
    case .bytes(let bytes): return bytes
    case .share(let share):
      let machine = sysconf(Int32(_SC_PHYS_PAGES)) * sysconf(Int32(_SC_PAGESIZE))
      return max(1 << 28, Int(share * Double(machine)))
    }
  }
}
