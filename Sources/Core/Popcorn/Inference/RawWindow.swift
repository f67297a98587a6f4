import Engine
import Imaging

/// Lesion probability of a bare volume, for comparison with other programs: no preparation, no brain, the plain mean of
/// windows of `edge` voxels every `stride`, the last of an axis moved back to its end; an axis shorter than a window is
/// padded with zeros at its end. Throws `EngineError` where memory is short or `edge` no multiple of 8, and what `meanwhile`,
/// which is told how many windows of how many are done, throws.
public func rawWindow<D: Device>(
  _ network: UNet<D>, over volume: Volume<Float>, edge: Int, stride: Int,
  meanwhile: (Int, Int) throws -> Void = { _, _ in }
) throws -> Volume<Float> {
  let starts = [volume.size.x, volume.size.y, volume.size.z].map { windowStarts($0, edge: edge, stride: stride) }
  let count = starts.reduce(1) { $0 * $1.count }
  var total = Mean(size: volume.size, weights: [Float](repeating: 1, count: edge))
  var done = 0
  for z in starts[2] {
    for y in starts[1] {
      for x in starts[0] {
        let patch = volume.patch(at: [x, y, z], edge: edge, outside: 0)
        total.add(try network.infer(patch, size: PatchSize(edge: edge)).lesion, at: [x, y, z])
        done += 1
        try meanwhile(done, count)
      }
    }
  }
  return total.mean
}

/// Where windows begin along an axis of `length` voxels.
func windowStarts(_ length: Int, edge: Int, stride step: Int) -> [Int] {
  var starts = Array(stride(from: 0, through: max(length - edge, 0), by: step))
  if let last = starts.last, last + edge < length { starts.append(length - edge) }
  return starts
}
