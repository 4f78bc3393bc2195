//! stats: aggregates of numbers, and `rank`, which is a number for each row.

wit_bindgen::generate!({ path: "../../wit", world: "plugin", generate_all });
use exports::query::app::functions::{Guest, GuestAggregate};
use query::app::types::Column;
use std::cell::RefCell;

struct Stats;

/// All numbers that were added, because a median needs them.
struct Numbers {
    name: String,
    all: RefCell<Vec<f64>>,
}

fn median(mut numbers: Vec<f64>) -> f64 {
    numbers.sort_by(f64::total_cmp);
    let half = numbers.len() / 2;
    if numbers.len() % 2 == 1 { numbers[half] } else { (numbers[half - 1] + numbers[half]) / 2.0 }
}

impl Guest for Stats {
    type Aggregate = Numbers;

    fn scalars() -> Vec<String> {
        vec!["rank".into()]
    }

    fn call(name: String, arguments: Vec<Column>) -> Result<Column, String> {
        let ("rank", [Column::Numbers(numbers)]) = (name.as_str(), arguments.as_slice()) else {
            return Err(format!("stats has no `{name}` of these columns"));
        };
        let place = |number: &f64| 1 + numbers.iter().filter(|other| *other > number).count();
        Ok(Column::Numbers(numbers.iter().map(|number| place(number) as f64).collect()))
    }

    fn aggregates() -> Vec<String> {
        ["sum", "mean", "median"].map(String::from).to_vec()
    }
}

impl GuestAggregate for Numbers {
    fn new(name: String) -> Self {
        Numbers { name, all: RefCell::default() }
    }

    fn add(&self, batch: Column) -> Result<(), String> {
        let Column::Numbers(numbers) = batch else {
            return Err(format!("`{}` needs numbers", self.name));
        };
        self.all.borrow_mut().extend(numbers);
        Ok(())
    }

    fn finish(&self) -> Result<f64, String> {
        let numbers = self.all.take();
        if numbers.is_empty() {
            return Err(format!("`{}` of no rows", self.name));
        }
        let sum: f64 = numbers.iter().sum();
        match self.name.as_str() {
            "sum" => Ok(sum),
            "mean" => Ok(sum / numbers.len() as f64),
            "median" => Ok(median(numbers)),
            name => Err(format!("stats has no `{name}`")),
        }
    }
}

export!(Stats);
