//! No circle between the files of a crate: who reads a file need not have read those that use it.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use rstest::rstest;
use syn::{Attribute, Item, ItemUse, UseTree, Visibility, visit::Visit};

use super::cargo::workspace;

/// The path of a module in its crate.
type Module = Vec<String>;

#[rstest]
#[case::connect("crates/connect")]
#[case::drift("crates/drift")]
#[case::plan("crates/plan")]
#[case::runner("crates/runner")]
#[case::kit("crates/kit")]
#[case::entity("entity")]
#[case::migration("migration")]
#[case::service("service")]
fn files_depend_on_each_other_in_one_direction(#[case] package: &str) {
    let source = workspace().join(package).join("src");
    let library = files(&source, "lib.rs");
    assert!(library.len() > 1, "{package} has only {library:?}");
    let program = source.join("main.rs").exists().then(|| files(&source, "main.rs"));
    for files in [Some(library), program].into_iter().flatten() {
        assert_eq!(in_circles(&files), BTreeMap::new(), "files of {package} with what they use of each other");
    }
}

#[test]
fn a_circle_is_found_and_what_leads_to_it_is_not_part_of_it() {
    let source = tempfile::tempdir().unwrap();
    for (file, text) in [
        ("lib.rs", "mod a; mod b; mod c; pub use a::A; #[cfg(test)] mod tests;"),
        ("a.rs", "use crate::{b::B, c::C}; pub struct A;"),
        ("b.rs", "pub struct B(super::a::A);"),
        ("c.rs", "pub struct C; #[cfg(test)] mod tests { use crate::A; }"),
        ("tests.rs", "use crate::A;"),
    ] {
        fs::write(source.path().join(file), text).unwrap();
    }
    let [a, b] = ["a", "b"].map(|name| vec![name.to_owned()]);
    let expected = [(a.clone(), BTreeSet::from([b.clone()])), (b, BTreeSet::from([a]))];
    assert_eq!(in_circles(&files(source.path(), "lib.rs")), BTreeMap::from(expected));
}

/// Each file of a library or a program without its tests, as a module, with the others that it names: by `use`, or by a path
/// outside a macro.
fn files(source: &Path, root: &str) -> BTreeMap<Module, BTreeSet<Module>> {
    let mut syntax = BTreeMap::new();
    read(Module::new(), &source.join(root), source, &mut syntax);
    let modules: BTreeSet<Module> = syntax.keys().cloned().collect();
    let uses = |(module, file): (&Module, &syn::File)| {
        let mut names = Names { module, modules: &modules, found: BTreeSet::new() };
        names.visit_file(file);
        names.found.remove(module);
        (module.clone(), names.found)
    };
    syntax.iter().map(uses).collect()
}

/// Parses a file, and those of its modules. `folder` is where they are.
fn read(module: Module, file: &Path, folder: &Path, files: &mut BTreeMap<Module, syn::File>) {
    let parsed = syn::parse_file(&fs::read_to_string(file).unwrap()).unwrap();
    for item in &parsed.items {
        if let Item::Mod(inner) = item
            && inner.content.is_none()
            && !is_of_tests(&inner.attrs)
        {
            let name = inner.ident.to_string();
            let folder = folder.join(&name);
            let candidates = [folder.with_extension("rs"), folder.join("mod.rs")];
            let file: &PathBuf = candidates.iter().find(|file| file.exists()).unwrap();
            read([&module[..], &[name]].concat(), file, &folder, files);
        }
    }
    files.insert(module, parsed);
}

fn is_of_tests(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        attribute.path().is_ident("cfg") && attribute.parse_args::<syn::Path>().is_ok_and(|path| path.is_ident("test"))
    })
}

/// What a file names of its crate.
struct Names<'a> {
    module: &'a Module,
    modules: &'a BTreeSet<Module>,
    found: BTreeSet<Module>,
}

impl Names<'_> {
    /// Notes the file that a path leads to: the last module in it.
    fn add(&mut self, path: &[String]) {
        let Some(first) = path.first() else { return };
        let child = [&self.module[..], std::slice::from_ref(first)].concat();
        let (mut module, mut rest) = match first.as_str() {
            "crate" => (Module::new(), &path[1..]),
            "self" => (self.module.clone(), &path[1..]),
            "super" => (self.module.clone(), path),
            _ if self.modules.contains(&child) => (self.module.clone(), path),
            _ => return,
        };
        while let Some(next) = rest.first() {
            if next == "super" {
                module.pop();
            } else {
                let inner = [&module[..], std::slice::from_ref(next)].concat();
                if !self.modules.contains(&inner) {
                    break;
                }
                module = inner;
            }
            rest = &rest[1..];
        }
        self.found.insert(module);
    }

    fn add_tree(&mut self, before: &[String], tree: &UseTree) {
        let then = |name: &syn::Ident| [before, &[name.to_string()]].concat();
        match tree {
            UseTree::Path(path) => self.add_tree(&then(&path.ident), &path.tree),
            UseTree::Name(name) => self.add(&then(&name.ident)),
            UseTree::Rename(rename) => self.add(&then(&rename.ident)),
            UseTree::Glob(_) => self.add(before),
            UseTree::Group(group) => group.items.iter().for_each(|tree| self.add_tree(before, tree)),
        }
    }
}

impl<'a> Visit<'a> for Names<'_> {
    fn visit_item_mod(&mut self, item: &'a syn::ItemMod) {
        if !is_of_tests(&item.attrs) {
            syn::visit::visit_item_mod(self, item);
        }
    }

    fn visit_item_use(&mut self, item: &'a ItemUse) {
        if !is_of_tests(&item.attrs) {
            self.add_tree(&[], &item.tree);
        }
    }

    fn visit_path(&mut self, path: &'a syn::Path) {
        let names: Vec<String> = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        if names.len() > 1 {
            self.add(&names);
        }
        syn::visit::visit_path(self, path);
    }

    // `pub(in crate::name)` uses nothing.
    fn visit_visibility(&mut self, _: &'a Visibility) {}
}

/// What is left after the files that use no other, and those that no other uses, are taken away again and again.
fn in_circles(files: &BTreeMap<Module, BTreeSet<Module>>) -> BTreeMap<Module, BTreeSet<Module>> {
    let mut left = files.clone();
    loop {
        let used: BTreeSet<Module> = left.values().flatten().cloned().collect();
        let before = left.len();
        left.retain(|module, uses| !uses.is_empty() && used.contains(module));
        if left.len() == before {
            return left;
        }
        let modules: BTreeSet<Module> = left.keys().cloned().collect();
        for uses in left.values_mut() {
            uses.retain(|module| modules.contains(module));
        }
    }
}
