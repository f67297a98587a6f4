import CLinux
import Files
import Glibc
import SystemPackage
import Testing

/// openat2 and the walk that stands in where a sandbox denies it: one answer for every path.
@Suite struct BeneathTests {
  /// What opening answered: 0, or the error.
  private typealias Opening = (Int32, UnsafePointer<CChar>, Int32, mode_t) -> Int32

  private func answer(_ open: Opening, _ folder: Directory, _ path: String, _ flags: Int32) -> Int32 {
    let found = open(folder.descriptor.rawValue, path, flags | O_CLOEXEC, 0o640)
    if found < 0 { return errno }
    close(found)
    return 0
  }

  @Test func walkAnswersAsTheKernelDoes() throws {
    var template = Array("/tmp/popcorn-beneath-XXXXXX".utf8CString)
    try #require(mkdtemp(&template) != nil)
    let root = FilePath(platformString: template)
    defer { _ = remove(root.string) }
    let made = ["folder", "folder/inner", "folder/file", "folder/up", "out", "dangling", "absolute"]
    defer { for name in made.reversed() { _ = remove(root.pushing(FilePath(name)).string) } }
    #expect(mkdir(root.appending("folder").string, 0o700) == 0)
    #expect(mkdir(root.appending("folder").appending("inner").string, 0o700) == 0)
    close(creat(root.appending("folder").appending("file").string, 0o600))
    for (link, target) in [("folder/up", ".."), ("out", "/etc"), ("dangling", "nowhere"), ("absolute", "/")] {
      #expect(symlink(target, root.pushing(FilePath(link)).string) == 0)
    }
    let folder = try Directory(root)

    let parts = ["folder", "inner", "file", "up", "out", "dangling", "passwd", ".", String(repeating: "n", count: 256)]
    let paths =
      ["", "/", "/etc/passwd", "..", "../etc"] + parts
      + parts.flatMap { first in parts.map { "\(first)/\($0)" } }
      + parts.flatMap { first in parts.flatMap { second in parts.map { "\(first)/\(second)//\($0)" } } }
    for path in paths {
      for flags in [O_RDONLY, O_RDONLY | O_DIRECTORY, O_RDWR, O_RDWR | O_CREAT | O_EXCL] {
        let kernel = answer(linux_open_beneath, folder, path, flags)
        if kernel == 0, flags & O_CREAT != 0 { unlinkat(folder.descriptor.rawValue, path, 0) }
        let walk = answer(linux_walk_beneath, folder, path, flags)
        if walk == 0, flags & O_CREAT != 0 { unlinkat(folder.descriptor.rawValue, path, 0) }
        #expect(walk == kernel, "\(path) with flags \(flags)")
      }
    }
    #expect(answer(linux_walk_beneath, folder, "folder/../folder/file", O_RDONLY) == EXDEV)
  }
}
