//! SQLite asks an [authorizer](https://www.sqlite.org/c3ref/set_authorizer.html) about each thing that a statement would do,
//! while it compiles the statement. Nothing else sees all statements of a connection: a text of several statements, one that
//! is not prepared, one with comments. The driver does not offer it, so this crate makes that one foreign call.
//!
//! It knows nothing of migrations, and decides nothing.

use std::{
    collections::BTreeMap,
    ffi::{CStr, c_char, c_int, c_void},
    fmt, ptr,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

use libsqlite3_sys as ffi;
use sea_orm::sqlx::{self, sqlite::SqliteConnection};

/// What a statement would do. Names are as the statement spells them, or as the schema does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Action<'a> {
    /// `PRAGMA name = value`, or `PRAGMA name`.
    Pragma {
        /// Its name.
        name: &'a str,
        /// The value, where it is set.
        value: Option<&'a str>,
    },
    /// Rows are added to a table.
    Insert {
        /// The table.
        table: &'a str,
    },
    /// A column of a table is changed.
    Update {
        /// The table.
        table: &'a str,
        /// The column.
        column: &'a str,
    },
    /// Rows are removed from a table.
    Delete {
        /// The table.
        table: &'a str,
    },
    /// A table is made.
    CreateTable {
        /// The table.
        table: &'a str,
    },
    /// A table is altered; of a new name nothing is said.
    AlterTable {
        /// The table.
        table: &'a str,
    },
    /// A table is dropped.
    DropTable {
        /// The table.
        table: &'a str,
    },
    /// A transaction begins or ends, or a savepoint does.
    Transaction,
    /// Anything else.
    Other,
}

/// Whether a statement may be compiled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// It may.
    Allow,
    /// It fails: `not authorized`.
    Deny,
}

type Decide = dyn Fn(Action<'_>) -> Decision + Send + Sync;

/// By number, which is what SQLite keeps instead of a pointer: a number that is gone does no harm.
static AUTHORIZERS: Mutex<BTreeMap<usize, Arc<Decide>>> = Mutex::new(BTreeMap::new());

/// Something that decides about the statements of a connection, until it is dropped.
pub struct Authorizer {
    number: usize,
}

impl Authorizer {
    /// Lets `decide` decide about each statement of this connection that is compiled from now on. Statements that the driver
    /// keeps are compiled again. What decided before does so no more.
    ///
    /// # Errors
    /// If the driver's thread is gone, or SQLite refuses.
    pub async fn install(
        connection: &mut SqliteConnection,
        decide: impl Fn(Action<'_>) -> Decision + Send + Sync + 'static,
    ) -> Result<Self, sqlx::Error> {
        static NEXT: AtomicUsize = AtomicUsize::new(1);
        let authorizer = Self { number: NEXT.fetch_add(1, Ordering::Relaxed) };
        authorizers().insert(authorizer.number, Arc::new(decide));
        set(connection, Some(authorize), authorizer.number).await?;
        Ok(authorizer)
    }

    /// Lets everything through again on this connection.
    ///
    /// # Errors
    /// As [`install`](Self::install).
    pub async fn remove(connection: &mut SqliteConnection) -> Result<(), sqlx::Error> {
        set(connection, None, 0).await
    }
}

impl Drop for Authorizer {
    fn drop(&mut self) {
        authorizers().remove(&self.number);
    }
}

impl fmt::Debug for Authorizer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Authorizer").field("number", &self.number).finish()
    }
}

fn authorizers() -> std::sync::MutexGuard<'static, BTreeMap<usize, Arc<Decide>>> {
    AUTHORIZERS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// As SQLite calls it: the number, the kind of action, and up to four texts.
type Callback =
    unsafe extern "C" fn(*mut c_void, c_int, *const c_char, *const c_char, *const c_char, *const c_char) -> c_int;

#[expect(unsafe_code, reason = "a foreign call that the driver does not wrap")]
async fn set(connection: &mut SqliteConnection, callback: Option<Callback>, number: usize) -> Result<(), sqlx::Error> {
    let mut handle = connection.lock_handle().await?;
    let database = handle.as_raw_handle().as_ptr();
    let number = ptr::without_provenance_mut::<c_void>(number);
    // SAFETY: the handle is open and locked. The callback reads its first argument as a number, never as a pointer, so that
    // nothing has to live as long as the connection.
    let code = unsafe { ffi::sqlite3_set_authorizer(database, callback, number) };
    if code == ffi::SQLITE_OK {
        Ok(())
    } else {
        Err(sqlx::Error::Configuration(format!("SQLite refused an authorizer: code {code}").into()))
    }
}

/// Two of the four texts matter here: the others name the schema and the trigger.
#[expect(unsafe_code, reason = "called by SQLite")]
unsafe extern "C" fn authorize(
    number: *mut c_void,
    code: c_int,
    first: *const c_char,
    second: *const c_char,
    _schema: *const c_char,
    _trigger: *const c_char,
) -> c_int {
    let decide = authorizers().get(&number.addr()).cloned();
    let Some(decide) = decide else { return ffi::SQLITE_OK };
    // SAFETY: SQLite passes either NULL or a text that ends with NUL and lives until this returns.
    let first = unsafe { text(first) };
    // SAFETY: the same.
    let second = unsafe { text(second) };
    match decide(action(code, first, second)) {
        Decision::Allow => ffi::SQLITE_OK,
        Decision::Deny => ffi::SQLITE_DENY,
    }
}

/// # Safety
/// NULL, or a text that ends with NUL and outlives what is returned.
#[expect(unsafe_code, reason = "texts of SQLite's")]
unsafe fn text<'a>(text: *const c_char) -> Option<&'a CStr> {
    if text.is_null() {
        return None;
    }
    // SAFETY: as the caller says.
    Some(unsafe { CStr::from_ptr(text) })
}

/// <https://www.sqlite.org/c3ref/c_alter_table.html>
fn action<'a>(code: c_int, first: Option<&'a CStr>, second: Option<&'a CStr>) -> Action<'a> {
    // A name that is not UTF-8 cannot come from the driver, whose statements are.
    let read = |text: Option<&'a CStr>| text.and_then(|text| text.to_str().ok());
    let (name, value) = (read(first).unwrap_or_default(), read(second));
    match code {
        ffi::SQLITE_PRAGMA => Action::Pragma { name, value },
        ffi::SQLITE_INSERT => Action::Insert { table: name },
        ffi::SQLITE_UPDATE => Action::Update { table: name, column: value.unwrap_or_default() },
        ffi::SQLITE_DELETE => Action::Delete { table: name },
        ffi::SQLITE_CREATE_TABLE => Action::CreateTable { table: name },
        ffi::SQLITE_ALTER_TABLE => Action::AlterTable { table: value.unwrap_or_default() },
        ffi::SQLITE_DROP_TABLE => Action::DropTable { table: name },
        ffi::SQLITE_TRANSACTION | ffi::SQLITE_SAVEPOINT => Action::Transaction,
        _ => Action::Other,
    }
}
