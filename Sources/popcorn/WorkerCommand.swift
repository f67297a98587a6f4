import ArgumentParser
import Contract
import SystemPackage

/// `popcorn worker`: the service's worker, JSON lines on standard input and output.
struct WorkerCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "worker", abstract: "Answer the service's requests, JSON lines on standard input and output.")

  @Option(help: "Folder in which prepared scans are kept; it may be emptied at any time.")
  var cache: String?
  @Option(help: "Bytes that the folder may hold.")
  var cacheBytes = 20 << 30
  @Option(help: "Bytes of memory for scans that training draws patches from.")
  var volumeBytes = 512 << 20

  func run() throws {
    try reportingFaults {
      let inbox = WorkerInbox()
      let signals = inbox.open()
      defer { signals.cancel() }
      let folder = try cache.map { try PreparedCache(path: FilePath($0), limit: cacheBytes) }
      try Worker(inbox: inbox, cache: folder, memoryForVolumes: volumeBytes).run()
    }
  }
}
