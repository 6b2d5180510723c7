//! What a route is: path, policy, class, handler and description in one place. The rows stand in a table for each
//! feature, in the folder beside. A route cannot be registered without a policy, and the OpenAPI document is made
//! from the same rows.

use axum::handler::Handler;
use axum::routing::MethodRouter;
use http::Method;
use utoipa::openapi::path::Parameter;
use utoipa::openapi::{RefOr, Schema};
use utoipa::{IntoParams, ToSchema};

use crate::limits::Class;
use crate::web::Web;

mod blocks;
mod comments;
mod dashboard;
mod discovery;
mod exports;
mod extras;
mod held;
mod history;
mod instance;
mod jobs;
mod likes;
mod moderation;
mod notifications;
mod playlists;
mod push;
mod slices;
mod subscriptions;
mod tweets;
mod uploads;
mod users;
mod videos;
mod webhooks;

/// Who may call a route. What a caller may see or change of a thing is the use case's affair.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Policy {
    /// Everyone, also when the instance requires signing in.
    Anyone,
    /// Everyone, unless the instance requires signing in.
    Reader,
    /// Whoever is signed in.
    SignedIn,
    /// Callers on this machine, and admins; for others the route does not exist.
    Operator,
    /// Moderators and admins; for others the route does not exist.
    Moderator,
    /// Admins; for others the route does not exist.
    Admin,
}

/// A schema and those it refers to.
pub(crate) struct Shape {
    pub(crate) name: String,
    pub(crate) schema: RefOr<Schema>,
    pub(crate) others: Vec<(String, RefOr<Schema>)>,
    pub(crate) array: bool,
}

/// One route.
pub struct Route {
    /// The method.
    pub method: Method,
    /// The path, and others under which the same is found.
    pub paths: Vec<&'static str>,
    /// Who may call it.
    pub policy: Policy,
    /// What it costs.
    pub class: Class,
    /// Its name: `<verb>_<resource>`, the OpenAPI operation id.
    pub name: &'static str,
    /// A line about it.
    pub summary: &'static str,
    /// What it is about: one of [`TAGS`].
    pub tag: &'static str,
    pub(crate) handler: MethodRouter<Web>,
    /// What it takes, by media type; any one of them.
    pub(crate) body: Vec<(&'static str, Shape)>,
    pub(crate) parameters: Vec<Parameter>,
    /// Headers of the request: name, whether it must be there, what it says.
    pub(crate) headers: &'static [(&'static str, bool, &'static str)],
    /// Headers of a good answer: name, what it says.
    pub(crate) tells: &'static [(&'static str, &'static str)],
    pub(crate) answers: Vec<(u16, Option<Shape>)>,
    pub(crate) refusals: &'static [u16],
    pub(crate) enveloped: bool,
}

impl std::fmt::Debug for Route {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {:?} {:?}", self.method, self.paths, self.policy)
    }
}

fn shape<T: ToSchema>() -> Shape {
    let mut others = Vec::new();
    T::schemas(&mut others);
    Shape {
        name: T::name().into_owned(),
        schema: T::schema(),
        others,
        array: false,
    }
}

impl Route {
    fn new<H, T>(
        method: Method,
        path: &'static str,
        policy: Policy,
        name: &'static str,
        summary: &'static str,
        handler: H,
    ) -> Self
    where
        H: Handler<T, Web>,
        T: 'static,
    {
        let filter = axum::routing::MethodFilter::try_from(method.clone());
        let class = if method.is_safe() {
            Class::Free
        } else {
            Class::Change
        };
        let handler = match filter {
            Ok(filter) => axum::routing::on(filter, handler),
            Err(_) => MethodRouter::new(),
        };
        Self {
            method,
            paths: vec![path],
            policy,
            class,
            name,
            summary,
            tag: "",
            handler,
            body: Vec::new(),
            parameters: Vec::new(),
            headers: &[],
            tells: &[],
            answers: Vec::new(),
            refusals: &[],
            enveloped: true,
        }
    }

    fn also(mut self, path: &'static str) -> Self {
        self.paths.push(path);
        self
    }

    fn costs(mut self, class: Class) -> Self {
        self.class = class;
        self
    }

    fn takes<T: ToSchema>(mut self) -> Self {
        self.body.push(("application/json", shape::<T>()));
        self
    }

    /// JSON that says it is text, as pages that go away send it.
    fn takes_json_as_text<T: ToSchema>(mut self) -> Self {
        self.body.push(("text/plain", shape::<T>()));
        self
    }

    fn takes_form<T: ToSchema>(mut self) -> Self {
        self.body.push(("multipart/form-data", shape::<T>()));
        self
    }

    fn asks<T: IntoParams>(mut self) -> Self {
        self.parameters = T::into_params(|| Some(utoipa::openapi::path::ParameterIn::Query));
        self
    }

    /// A file as it is, with no form around it.
    fn takes_text(mut self, media_type: &'static str) -> Self {
        let shape = Shape {
            name: "TextFile".to_owned(),
            schema: utoipa::openapi::ObjectBuilder::new()
                .schema_type(utoipa::openapi::schema::Type::String)
                .into(),
            others: Vec::new(),
            array: false,
        };
        self.body.push((media_type, shape));
        self
    }

    /// Bytes of an upload over several requests.
    fn takes_bytes(mut self) -> Self {
        let shape = Shape {
            name: "UploadBytes".to_owned(),
            schema: utoipa::openapi::ObjectBuilder::new()
                .schema_type(utoipa::openapi::schema::Type::String)
                .format(Some(utoipa::openapi::SchemaFormat::KnownFormat(
                    utoipa::openapi::KnownFormat::Binary,
                )))
                .into(),
            others: Vec::new(),
            array: false,
        };
        self.body.push(("application/offset+octet-stream", shape));
        self
    }

    fn reads(mut self, headers: &'static [(&'static str, bool, &'static str)]) -> Self {
        self.headers = headers;
        self
    }

    fn tells(mut self, headers: &'static [(&'static str, &'static str)]) -> Self {
        self.tells = headers;
        self
    }

    fn gives<T: ToSchema>(mut self, status: u16) -> Self {
        self.answers.push((status, Some(shape::<T>())));
        self
    }

    fn gives_list<T: ToSchema>(mut self, status: u16) -> Self {
        self.answers.push((
            status,
            Some(Shape {
                array: true,
                ..shape::<T>()
            }),
        ));
        self
    }

    fn gives_plain(mut self, status: u16) -> Self {
        self.answers.push((status, None));
        self.enveloped = false;
        self
    }

    fn bare(mut self) -> Self {
        self.enveloped = false;
        self
    }

    fn refuses(mut self, statuses: &'static [u16]) -> Self {
        self.refusals = statuses;
        self
    }
}

/// What routes are about, as the OpenAPI document groups them; in the order of the tables below.
pub(crate) const TAGS: [(&str, &str); 20] = [
    (
        "Instance",
        "The server itself: its health, its first admin, this document",
    ),
    ("Users", "Accounts, sessions, profiles, what one stores"),
    ("Exports", "Everything of one person, to take with them"),
    ("Uploads", "Uploads that go on after a cut connection (tus 1.0)"),
    ("Videos", "Publishing, finding, changing, playing"),
    ("Beside the picture", "Captions, posters, downloads"),
    ("Blocks", "People whom one does not want under one's videos"),
    ("Comments", "What is said under videos"),
    ("Tweets", "What channels say"),
    ("Likes", "Liking videos, comments and tweets"),
    ("Subscriptions", "Following channels, and what they bring out"),
    ("Playlists", "Ordered lists of videos"),
    ("History", "What people watched"),
    ("Dashboard", "The numbers of one's own channel"),
    ("Events", "What happens, and what one is told"),
    ("Webhooks", "Addresses of others that are told what happens"),
    ("Push", "Browsers that are told while no page is open"),
    ("Discovery", "Search, trending, feeds, embedding, sitemaps"),
    ("Jobs", "Background work"),
    (
        "Moderation",
        "Reports, takedowns, accounts, registrations, the audit log",
    ),
];

/// All routes but media, which the delivery path serves (see [`crate::gate`]).
pub fn routes() -> Vec<Route> {
    let tables = [
        instance::routes(),
        users::routes(),
        exports::routes(),
        uploads::routes(),
        videos::routes(),
        extras::routes(),
        blocks::routes(),
        comments::routes().into_iter().chain(held::routes()).collect(),
        tweets::routes(),
        likes::routes(),
        subscriptions::routes(),
        playlists::routes(),
        history::routes(),
        dashboard::routes(),
        notifications::routes(),
        webhooks::routes(),
        push::routes(),
        discovery::routes(),
        jobs::routes(),
        moderation::routes(),
    ];
    // Each table is one subject, in the order of their names.
    tables
        .into_iter()
        .zip(TAGS)
        .flat_map(|(table, (tag, _))| table.into_iter().map(move |route| Route { tag, ..route }))
        .collect()
}
