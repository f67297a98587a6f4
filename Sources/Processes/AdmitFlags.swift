import Configuration
import Contract

extension AdmitRunner {
  /// What popcorn-admit must know of `[accept]`: a flag for each key, named after it.
  static func flags(_ settings: Settings) -> [String] {
    let accept = settings.accept
    let values = accept.lesionValues.map { String($0) }.joined(separator: ",")
    return [
      "--max-bytes", String(accept.maxFileSize), "--max-voxels", String(accept.maxVoxels),
      "--max-memory", String(settings.resources.memoryBudget.bytesHere), "--min-voxel-mm", String(accept.minVoxelMm),
      "--max-voxel-mm", String(accept.maxVoxelMm), "--min-fov-mm", String(accept.minFovMm),
      "--unknown-orientation", accept.unknownOrientation.rawValue, "--empty-labels", accept.emptyLabels.rawValue,
      "--personal-data", accept.personalData.rawValue,
      // Somewhat more than the deadline, which is to be what ends it: the kernel's word for it would be a plain SIGKILL.
      "--max-seconds", String(max(1, settings.resources.admitTimeout.components.seconds) + 5),
    ] + (values.isEmpty ? [] : ["--lesion-values", values])
  }
}
