import Files
import Glibc
import SystemPackage

/// The ledger's tables, version by version. A version that was released is never edited: a change is a new one.
enum Schema {
  /// Brings the database at `path` to the newest of `versions` (each takes the one before it one further). Before
  /// an older one is touched a copy of it is made beside it.
  static func bring(
    _ database: Connection, at path: FilePath, to versions: [String] = versions
  ) throws(LedgerFault) {
    let found = try version(of: database)
    guard found <= versions.count else { throw .newer(found: found, known: versions.count) }
    guard found < versions.count else { return }
    if found > 0 { try copy(database, at: path, version: found) }
    try database.transaction { () throws(LedgerFault) in
      for script in versions[found...] { try database.execute(script) }
      try database.execute("PRAGMA user_version = \(versions.count)")
    }
  }

  /// Makes the indexes of the newest version's tables that are not there yet.
  static func index(_ database: Connection) throws(LedgerFault) {
    try database.transaction { () throws(LedgerFault) in try database.execute(indexes) }
  }

  /// The version that the database was written with; 0 where it is empty.
  static func version(of database: Connection) throws(LedgerFault) -> Int {
    try database.first("PRAGMA user_version") { row in row.integer(0) } ?? 0
  }

  /// What a copy made before an upgrade from `version` is called.
  static func copyPath(of path: FilePath, version: Int) -> FilePath {
    var copy = path
    copy.removeLastComponent()
    return copy.appending("\(path.lastComponent?.string ?? "ledger").v\(version).copy")
  }

  private static func copy(_ database: Connection, at path: FilePath, version: Int) throws(LedgerFault) {
    // One of an earlier upgrade is older than what is to be upgraded: somebody went back to it, and on from there.
    let whole = copyPath(of: path, version: version)
    let partial = FilePath(whole.string + ".partial")
    unlink(partial.string)
    try database.run("VACUUM INTO ?", .text(partial.string))
    do {
      let file = try FileDescriptor.open(partial, .readWrite, options: [.closeOnExec])
      defer { try? file.close() }
      try DurableFile.synchronize(file, path: partial)
      let directory = try Directory(path.removingLastComponent())
      guard rename(partial.string, whole.string) == 0 else {
        throw FileFault("rename", partial, Errno(rawValue: errno))
      }
      try directory.synchronize()
    } catch let fault as FileFault {
      throw .file(fault)
    } catch {
      throw .file(FileFault("copy", whole, error as? Errno ?? .ioError))
    }
  }

  static let versions = [first, second, third, fourth, fifth]

  /// What is only there to answer sooner. It needs no version: a popcornd that does not know an index keeps it all the same.
  private static let indexes = """
    CREATE INDEX IF NOT EXISTS files_open ON files (outcome, received)
    WHERE outcome IN ('held', 'waiting') AND move <> 'lost';
    CREATE INDEX IF NOT EXISTS cases_by_arrival ON cases (state, arrived);
    """

  /// Which brain mask a mask was made with: of what is there already, the one that the case has.
  private static let fifth = """
    ALTER TABLE masks ADD COLUMN brain_digest TEXT;
    UPDATE masks SET brain_digest = (SELECT brain_digest FROM cases WHERE id = case_id);
    """

  /// Which files of ours somebody has removed from the outbox.
  private static let fourth = "ALTER TABLE published ADD COLUMN missing INTEGER;"

  /// Which cases a person wants worked on in spite of a doubt; what an expert's mask measures.
  private static let third = """
    ALTER TABLE cases ADD COLUMN released INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE labels ADD COLUMN lesion_count INTEGER;
    ALTER TABLE labels ADD COLUMN largest_ml REAL;
    """

  /// What is no longer kept of older generations, and which one a cycle goes on from.
  private static let second = """
    ALTER TABLE cycles ADD COLUMN base INTEGER REFERENCES generations (number);
    ALTER TABLE generations ADD COLUMN retired INTEGER;
    ALTER TABLE masks ADD COLUMN retired INTEGER;
    CREATE INDEX masks_kept ON masks (generation) WHERE retired IS NULL;

    CREATE TABLE discards (
      digest TEXT NOT NULL,
      kind TEXT NOT NULL,
      PRIMARY KEY (digest, kind)
    ) STRICT, WITHOUT ROWID;
    """

  private static let first = """
    CREATE TABLE meta (
      key TEXT PRIMARY KEY,
      value TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE cases (
      id INTEGER PRIMARY KEY,
      label TEXT NOT NULL UNIQUE,
      content TEXT NOT NULL UNIQUE,
      subject TEXT NOT NULL,
      session TEXT,
      voxel_digest TEXT NOT NULL,
      input_digest TEXT NOT NULL,
      canonical_digest TEXT NOT NULL,
      brain_digest TEXT,
      geometry TEXT NOT NULL,
      axis_codes TEXT NOT NULL,
      contrast TEXT NOT NULL,
      normalisations TEXT NOT NULL,
      warnings TEXT NOT NULL,
      state TEXT NOT NULL,
      reason TEXT,
      strikes INTEGER NOT NULL DEFAULT 0,
      arrived INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX cases_by_voxels ON cases (voxel_digest);
    CREATE INDEX cases_by_state ON cases (state);
    CREATE INDEX cases_by_subject ON cases (subject);

    CREATE TABLE files (
      id INTEGER PRIMARY KEY,
      inbox BLOB NOT NULL,
      path BLOB NOT NULL,
      device INTEGER NOT NULL,
      inode INTEGER NOT NULL,
      size INTEGER NOT NULL,
      modified INTEGER NOT NULL,
      owner INTEGER NOT NULL,
      role TEXT NOT NULL,
      digest TEXT,
      outcome TEXT NOT NULL,
      reason TEXT,
      numbers TEXT NOT NULL,
      case_id INTEGER REFERENCES cases (id),
      move TEXT NOT NULL,
      destination BLOB,
      received INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX files_by_path ON files (inbox, path);
    CREATE INDEX files_by_digest ON files (digest);
    CREATE INDEX files_by_case ON files (case_id);
    CREATE INDEX files_to_move ON files (move) WHERE move = 'planned';

    CREATE TABLE labels (
      case_id INTEGER NOT NULL REFERENCES cases (id),
      rater TEXT NOT NULL,
      revision INTEGER NOT NULL,
      digest TEXT NOT NULL,
      input_digest TEXT NOT NULL,
      owner INTEGER NOT NULL,
      foreground INTEGER NOT NULL,
      arrived INTEGER NOT NULL,
      PRIMARY KEY (case_id, rater, revision)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE masks (
      case_id INTEGER NOT NULL REFERENCES cases (id),
      generation INTEGER NOT NULL,
      kind TEXT NOT NULL,
      threshold REAL NOT NULL,
      latent_digest TEXT,
      figures TEXT NOT NULL,
      made INTEGER NOT NULL,
      PRIMARY KEY (case_id, generation)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE cycles (
      number INTEGER PRIMARY KEY,
      cause TEXT NOT NULL,
      order_digest TEXT NOT NULL,
      state TEXT NOT NULL,
      result TEXT,
      began INTEGER NOT NULL,
      ended INTEGER
    ) STRICT;

    CREATE TABLE generations (
      number INTEGER PRIMARY KEY,
      cycle INTEGER NOT NULL UNIQUE REFERENCES cycles (number),
      base INTEGER REFERENCES generations (number),
      model_digest TEXT NOT NULL,
      optimizer_digest TEXT NOT NULL,
      gate TEXT NOT NULL,
      words TEXT NOT NULL,
      worker TEXT NOT NULL,
      published INTEGER NOT NULL
    ) STRICT;

    CREATE TABLE attempts (
      cycle INTEGER PRIMARY KEY REFERENCES cycles (number),
      model_digest TEXT,
      gate TEXT NOT NULL,
      words TEXT NOT NULL,
      worker TEXT NOT NULL,
      refused INTEGER NOT NULL
    ) STRICT;

    CREATE TABLE selections (
      case_id INTEGER NOT NULL REFERENCES cases (id),
      cycle INTEGER NOT NULL REFERENCES cycles (number),
      step INTEGER NOT NULL,
      rank INTEGER NOT NULL,
      proximity TEXT NOT NULL,
      mask_digest TEXT NOT NULL,
      reference_digest TEXT NOT NULL,
      figures TEXT NOT NULL,
      PRIMARY KEY (case_id, cycle)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE proximities (
      case_id INTEGER PRIMARY KEY REFERENCES cases (id),
      generation INTEGER NOT NULL,
      sum REAL NOT NULL,
      nearest TEXT NOT NULL
    ) STRICT;

    CREATE TABLE subjects (
      subject TEXT PRIMARY KEY,
      role TEXT NOT NULL,
      since_cycle INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE published (
      path BLOB PRIMARY KEY,
      digest TEXT,
      intended TEXT,
      edited TEXT,
      case_id INTEGER REFERENCES cases (id),
      generation INTEGER
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX published_by_case ON published (case_id);

    CREATE TABLE audit (
      seq INTEGER PRIMARY KEY,
      line TEXT NOT NULL,
      hash TEXT NOT NULL,
      case_label TEXT
    ) STRICT;
    CREATE INDEX audit_by_case ON audit (case_label);
    """
}
