import ArgumentParser

/// Three numbers of voxels along x, y and z: `181x217x181`, or with commas, as a model file says it.
struct GridArgument: ExpressibleByArgument {
  var size: [Int]

  /// MNI space at 1 mm, the paper's.
  static let paper = GridArgument(size: [181, 217, 181])

  init(size: [Int]) { self.size = size }

  init?(argument: String) {
    let numbers = argument.split(omittingEmptySubsequences: false) { $0 == "," || $0 == "x" }.map { Int($0) }
    let size = numbers.compactMap { $0 }.filter { 1...1024 ~= $0 }
    guard numbers.count == 3, size.count == 3 else { return nil }
    self.size = size
  }

  /// As the command line's help shows it.
  var defaultValueDescription: String { size.map(String.init).joined(separator: ",") }
}
