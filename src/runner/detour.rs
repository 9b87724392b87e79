//! Walks that do not go on as they began, and windows into counted lists.

use serde_json::{Value, json};

use super::case::Detour;
use super::channel::ChannelError;
use super::life::Aim;
use super::plan::Stage;
use super::play::{items_of, sized};
use super::scene::Scene;
use super::thing::set;
use crate::contract::at_path;
use crate::generate::simplest;

/// How many items lists are made to show.
const ITEMS: usize = 3;

/// Offsets behind the end of any list that a check makes.
const BEHIND: [i64; 2] = [10_000, 1 << 31];

impl<'a> Stage<'a> {
    /// Asks for one page of one item, and goes on from there otherwise than by the same request.
    /// Where there is no token, the verdict says that the law was not tested.
    pub(super) fn detour(&self, detour: Detour, scene: &mut Scene<'a, '_>) -> Result<(), ChannelError> {
        let Some(pagination) = &self.operation.pagination else { return Ok(()) };
        match detour {
            Detour::OtherOperation => return self.stray(scene),
            Detour::Shrinking => return self.shrinking(scene),
            Detour::OtherSize | Detour::OtherFilter | Detour::SamePage => {}
        }
        let Some(base) = self.set_up(ITEMS, scene)? else { return Ok(()) };
        let mut input = sized(pagination, &base, Some(1));
        let page = scene.call(self.operation, &input)?;
        let Some(token) = page.output().and_then(|output| pagination.next(&input, output)) else {
            return Ok(());
        };
        match detour {
            Detour::OtherSize => input = sized(pagination, &base, Some(2)),
            Detour::OtherFilter => {
                let filter = self.operation.filters.first();
                let items = items_of(pagination, &page);
                let filtered = filter.and_then(|filter| {
                    let value = self.filter_values(filter, &items, scene.name_prefix()).into_iter().next()?;
                    let key = filter.key.iter().map(|key| format!(".{key}"));
                    Some((format!("{}{}", filter.member, key.collect::<String>()), value))
                });
                let Some((path, value)) = filtered else { return Ok(()) };
                set(&mut input, &path, value);
            }
            Detour::SamePage | Detour::OtherOperation | Detour::Shrinking => {}
        }
        set(&mut input, &pagination.input_token, token);
        scene.call(self.operation, &input)?;
        if detour == Detour::SamePage {
            scene.call(self.operation, &input)?;
        }
        Ok(())
    }

    /// Comes with a token that another operation handed out.
    fn stray(&self, scene: &mut Scene<'a, '_>) -> Result<(), ChannelError> {
        let by_token = |it: &&crate::contract::Operation| {
            let token = it.pagination.as_ref().and_then(|pagination| pagination.output_token());
            it.name != self.operation.name && token.is_some()
        };
        let other = self.contract.operations.iter().find(by_token).map(|other| self.beside(other));
        let (Some(pagination), Some(other)) = (&self.operation.pagination, other) else { return Ok(()) };
        let Some(mut input) = self.set_up(1, scene)? else { return Ok(()) };
        let Some(base) = other.set_up(ITEMS, scene)? else { return Ok(()) };
        let Some(paged) = &other.operation.pagination else { return Ok(()) };
        let asked = sized(paged, &base, Some(1));
        let page = scene.call(other.operation, &asked)?;
        let Some(token) = page.output().and_then(|output| paged.next(&asked, output)) else { return Ok(()) };
        set(&mut input, &pagination.input_token, token);
        scene.call(self.operation, &input).map(drop)
    }

    /// Goes on once the first and the last of what is listed were deleted.
    fn shrinking(&self, scene: &mut Scene<'a, '_>) -> Result<(), ChannelError> {
        let Some(pagination) = &self.operation.pagination else { return Ok(()) };
        let things = self.create(ITEMS, scene)?;
        let base = simplest(self.contract, self.operation, &self.knowing(self.parents()));
        let ([first, .., last], Some(base)) = (things.as_slice(), base) else { return Ok(()) };
        self.wait(first, Aim::Settled, scene)?;
        self.wait(last, Aim::Settled, scene)?;
        self.walk(&base, None, ITEMS, scene)?;
        let mut input = sized(pagination, &base, Some(1));
        let page = scene.call(self.operation, &input)?;
        let Some(token) = page.output().and_then(|output| pagination.next(&input, output)) else {
            return Ok(());
        };
        self.leave(first, scene)?;
        self.leave(last, scene)?;
        set(&mut input, &pagination.input_token, token);
        self.walk(&input, Some(1), ITEMS, scene).map(drop)
    }

    /// Windows that add up, that lie over each other, and behind the end.
    pub(super) fn windows(&self, scene: &mut Scene<'a, '_>) -> Result<(), ChannelError> {
        let Some(pagination) = &self.operation.pagination else { return Ok(()) };
        let Some(base) = self.set_up(ITEMS + 1, scene)? else { return Ok(()) };
        let whole = scene.call(self.operation, &base)?;
        let total = whole.output().and_then(|output| at_path(output, pagination.total()?)?.as_i64());
        let inside = [(0, 4), (0, 2), (2, 2), (1, 2)];
        let behind = total.into_iter().chain(BEHIND).map(|offset| (offset, 2));
        for (offset, size) in inside.into_iter().chain(behind) {
            let mut input: Value = sized(pagination, &base, Some(size));
            set(&mut input, &pagination.input_token, json!(offset));
            scene.call(self.operation, &input)?;
        }
        Ok(())
    }
}
