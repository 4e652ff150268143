# What the Sidekiq of the tests works on: a job takes its time and then says so, once.
require 'sidekiq'

class Chore
  include Sidekiq::Worker
  sidekiq_options retry: false

  def perform(number, seconds)
    sleep seconds
    Sidekiq.redis { |redis| redis.rpush('chores', number) }
  end
end
