//! Lists that go on from a cursor, for the OpenAPI document.

use utoipa::ToSchema;

use super::{Route, shape};
use crate::arrays::{ArrayQuery, CursorQuery, SliceBody};

impl Route {
    /// Takes `page`, `limit` and `cursor`; answers an array, or with a cursor a part of the list.
    pub(super) fn gives_array<T: ToSchema>(self) -> Self {
        self.asks::<ArrayQuery>().gives_list::<T>(200).or_slice::<T>()
    }

    /// Takes `limit` and `cursor`; answers a part of the list.
    pub(super) fn gives_slice<T: ToSchema>(self) -> Self {
        self.asks::<CursorQuery>().or_slice::<T>()
    }

    /// Answers a part of the list where `cursor` is there.
    pub(super) fn or_slice<T: ToSchema>(mut self) -> Self {
        let mut slice = shape::<SliceBody<T>>();
        let item = shape::<T>();
        // Neither does a type with a parameter say in its name what fills it in, nor does that name itself.
        slice.name = format!("{}Slice", item.name);
        slice.others.push((item.name, item.schema));
        slice.others.extend(item.others);
        self.answers.push((200, Some(slice)));
        self
    }
}
