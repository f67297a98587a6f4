import SystemPackage

/// Places in an inbox that may not be read, and of which of them the owner was told. In memory only: what was said lies
/// beside them.
struct Unreadable: Sendable {
  /// The owner of a file is told at this many tries.
  static let mostTries = Unjudged.mostTries
  /// The owner of a folder is told at this many listings: a copy closes a folder until it is done.
  static let mostListings = 2

  private var tries: [FilePath: Int] = [:]
  /// The places whose owners were told.
  private(set) var told: Set<FilePath> = []

  /// All of them.
  var places: Set<FilePath> { told.union(tries.keys) }

  /// One more try was refused; answers whether the owner is to be told now, which is once.
  mutating func refused(_ place: FilePath, most: Int) -> Bool {
    guard !told.contains(place) else { return false }
    let count = tries[place, default: 0] + 1
    tries[place] = count < most ? count : nil
    if count >= most { told.insert(place) }
    return count >= most
  }

  /// It was read, or is gone; answers whether the owner had been told.
  mutating func forget(_ place: FilePath) -> Bool {
    tries[place] = nil
    return told.remove(place) != nil
  }
}
